"""Rate limits and body sizes of uploads, media files, searches and external workers."""

from sage.limits.body_sizes import FORM_OVERHEAD_BYTES, MB, BodyLimit
from sage.limits.routes import RoutePattern
from sage.limits.scopes import RateLimitScope
from videos.youtube.ids import ID_PATTERN, URL_PATTERN

UUID = r"[0-9a-f-]{36}"
VIDEO_ID = rf"(?:{UUID}|{ID_PATTERN}|{URL_PATTERN})"
UPLOAD_FORMS = RoutePattern(r"/v2/videos|/library/upload/", ("POST",))
TRANSCRIPT_BODIES = RoutePattern(
    rf"/v2/videos/{VIDEO_ID}/transcript|/videos/{VIDEO_ID}/transcript/upload/", ("PUT", "POST")
)
CONFORM_BODIES = RoutePattern(rf"/v2/comparisons/{UUID}/conform|/compare/{UUID}/conform/", ("POST",))
PART_BODIES = RoutePattern(rf"/v2/uploads/{UUID}/parts/\d+", ("PUT",))

UPLOADS = RateLimitScope("uploads", "100/h", (RoutePattern(r"/v2/uploads", ("POST",)), UPLOAD_FORMS))
PARTS = RateLimitScope("parts", "30000/m", (RoutePattern(r"/v2/uploads/.*"),))  # one upload has up to 10,000 parts
MEDIA = RateLimitScope("media", "6000/m", (RoutePattern(rf"/v2/videos/{VIDEO_ID}/file|/s/media/[^/]+/[ab]/file"),))
SEARCH = RateLimitScope("search", "60/m", (RoutePattern(rf"(/v2)?/search/?|(/v2)?/videos/{VIDEO_ID}/similar/?"),))
WORKERS = RateLimitScope("workers", "600/m", (RoutePattern(r"/v2/internal/.*"),))
SCOPES = (WORKERS, UPLOADS, PARTS, MEDIA, SEARCH)

BODY_LIMITS = (
    BodyLimit(UPLOAD_FORMS, 100 * MB + FORM_OVERHEAD_BYTES),
    BodyLimit(PART_BODIES, 100 * MB),
    BodyLimit(TRANSCRIPT_BODIES, 12 * MB + FORM_OVERHEAD_BYTES),
    BodyLimit(CONFORM_BODIES, 10 * MB + FORM_OVERHEAD_BYTES),
)
