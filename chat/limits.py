"""Rate limits of conversations. Messages on the socket count in the same scope."""

from sage.limits.routes import RoutePattern
from sage.limits.scopes import RateLimitScope

ASKING = r"/v2/conversations(/.*)?|/chat/(.*)|/videos/.*/ask/|/compare/.*/ask/"

CONVERSATIONS = RateLimitScope("conversations", "20/m", (RoutePattern(ASKING, ("POST",)),))
SCOPES = (CONVERSATIONS,)
