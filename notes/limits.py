"""Rate limits and body sizes of notes."""

from sage.limits.body_sizes import FORM_OVERHEAD_BYTES, MB, BodyLimit
from sage.limits.routes import RoutePattern
from sage.limits.scopes import RateLimitScope
from videos.limits import UUID, VIDEO_ID

WRITES = ("POST", "PATCH", "DELETE")
MAX_IMPORT_BYTES = 10 * MB
IMPORT_BODIES = RoutePattern(r"/v2/notes/import", ("POST",))

NOTES = RateLimitScope(
    "notes",
    "120/m",
    (
        RoutePattern(
            rf"/v2/notes/.*|/v2/videos/{VIDEO_ID}/notes|/notes/.+|/compare/{UUID}/notes/|/videos/{VIDEO_ID}/notes/.*",
            WRITES,
        ),
    ),
)
COMMENTS = RateLimitScope(
    "comments",
    "10/m",
    (RoutePattern(r"/v2/shares/[^/]+/comments|/s/[^/]+/comments/", ("POST",)),),
    by_address=True,
)
SCOPES = (NOTES, COMMENTS)
BODY_LIMITS = (BodyLimit(IMPORT_BODIES, MAX_IMPORT_BYTES + FORM_OVERHEAD_BYTES),)
