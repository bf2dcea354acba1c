"""Store sessions in the cache with a copy in the database."""

import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.contrib.sessions.backends.cached_db import SessionStore as CachedSessions
from django.contrib.sessions.backends.db import SessionStore as StoredSessions
from django.core.cache.backends.redis import RedisCache
from django.db.models import F
from redis.exceptions import RedisError

from sage.outages import is_disk_full

CACHE_ERRORS = (RedisError, OSError)
RENEW_AT = "renew_at"


def renew_session(session: SessionBase, now: float) -> None:
    """Extend a session that is in its last `SESSION_REFRESH_THRESHOLD` seconds."""
    if now >= session.get(RENEW_AT, 0):
        session[RENEW_AT] = now + settings.SESSION_COOKIE_AGE - settings.SESSION_REFRESH_THRESHOLD


def session_expiry(session: SessionBase) -> datetime.datetime | None:
    """Return when the session expires without renewal. None if no user is signed in."""
    renew_at = session.get(RENEW_AT)
    if renew_at is None:
        return None
    return datetime.datetime.fromtimestamp(renew_at + settings.SESSION_REFRESH_THRESHOLD, datetime.UTC)


class SessionStore(CachedSessions):
    """Sessions in the cache and the database. Keys from cookies are validated.

    While the cache is unavailable, users stay signed in, because sessions are read from the database.
    """

    def _validate_session_key(self, key: Any) -> bool:
        return bool(super()._validate_session_key(key)) and str(key).isalnum()  # type: ignore[misc]

    def load(self) -> dict[str, Any]:
        try:
            return super().load()
        except CACHE_ERRORS:
            return StoredSessions.load(self)

    def save(self, must_create: bool = False) -> None:
        """Save the session. While the disk is full, renew an existing session in the cache only."""
        try:
            super().save(must_create)
        except UpdateError as error:
            if not is_disk_full(error):
                raise
            self._cache.set(self.cache_key, self._session, self.get_expiry_age())  # type: ignore[attr-defined]

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            try:
                RedisCache.delete(self._cache, self.cache_key_prefix + key)  # type: ignore[attr-defined]
            except CACHE_ERRORS:
                self._invalidate(key)
        super().delete(session_key)

    @staticmethod
    def _invalidate(key: str) -> None:
        """Sign the user out everywhere, because the unavailable cache would accept this session again later."""
        if owner := StoredSessions(key).load().get(SESSION_KEY):
            get_user_model().objects.filter(pk=owner).update(epoch=F("epoch") + 1)

    def exists(self, session_key: str) -> bool:
        try:
            return bool(super().exists(session_key))
        except CACHE_ERRORS:
            return StoredSessions.exists(self, session_key)
