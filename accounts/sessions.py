"""Sessions in the cache, backed by the database."""

import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.cached_db import SessionStore as CachedSessions
from django.contrib.sessions.backends.db import SessionStore as StoredSessions
from django.core.cache.backends.redis import RedisCache
from django.db.models import F
from redis.exceptions import RedisError

CACHE_AWAY = (RedisError, OSError)
RENEW_AT = "renew_at"


def renew(session: SessionBase, now: float) -> None:
    """Let it last anew where it is in its last `SESSION_REFRESH_THRESHOLD` seconds."""
    if now >= session.get(RENEW_AT, 0):
        session[RENEW_AT] = now + settings.SESSION_COOKIE_AGE - settings.SESSION_REFRESH_THRESHOLD


def ends_at(session: SessionBase) -> datetime.datetime | None:
    """When it ends unless it is renewed; None where nobody is signed in by it."""
    renew_at = session.get(RENEW_AT)
    if renew_at is None:
        return None
    return datetime.datetime.fromtimestamp(renew_at + settings.SESSION_REFRESH_THRESHOLD, datetime.UTC)


class SessionStore(CachedSessions):
    """Takes no key that could not be its own: a cookie is whatever a stranger writes into it.

    While the cache is away, those who are signed in stay so: the database knows them too.
    """

    def _validate_session_key(self, key: Any) -> bool:
        return bool(super()._validate_session_key(key)) and str(key).isalnum()  # type: ignore[misc]

    def load(self) -> dict[str, Any]:
        try:
            return super().load()
        except CACHE_AWAY:
            return StoredSessions.load(self)

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            try:
                RedisCache.delete(self._cache, self.cache_key_prefix + key)  # type: ignore[attr-defined]
            except CACHE_AWAY:
                self._void(key)
        super().delete(session_key)

    @staticmethod
    def _void(key: str) -> None:
        """The cache would know this session again once it is back: so whoever it was is signed out everywhere."""
        if owner := StoredSessions(key).load().get(SESSION_KEY):
            get_user_model().objects.filter(pk=owner).update(epoch=F("epoch") + 1)

    def exists(self, session_key: str) -> bool:
        try:
            return bool(super().exists(session_key))
        except CACHE_AWAY:
            return StoredSessions.exists(self, session_key)
