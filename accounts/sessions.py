"""Sessions in the cache, backed by the database."""

from typing import Any

from django.contrib.sessions.backends.cached_db import SessionStore as CachedSessions
from django.contrib.sessions.backends.db import SessionStore as StoredSessions
from redis.exceptions import RedisError

CACHE_AWAY = (RedisError, OSError)


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

    def exists(self, session_key: str) -> bool:
        try:
            return bool(super().exists(session_key))
        except CACHE_AWAY:
            return StoredSessions.exists(self, session_key)
