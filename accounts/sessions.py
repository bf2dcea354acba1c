"""Sessions in the cache, backed by the database."""

from typing import Any

from django.contrib.sessions.backends.cached_db import SessionStore as CachedSessions


class SessionStore(CachedSessions):
    """Takes no key that could not be its own: a cookie is whatever a stranger writes into it."""

    def _validate_session_key(self, key: Any) -> bool:
        return bool(super()._validate_session_key(key)) and str(key).isalnum()  # type: ignore[misc]
