"""What is asked for, as limits see it: each class of addresses has a rate of its own, `LIMIT_…` in the settings."""

import enum
import re

from django.http import HttpRequest

UUID = r"[0-9a-f-]{36}"


class Class(enum.StrEnum):
    API = "api"
    PAGES = "pages"
    PARTIALS = "partials"
    SIGNING_IN = "signing_in"
    CONVERSATIONS = "conversations"
    PROVIDER_KEYS = "provider_keys"
    UPLOADS = "uploads"
    PARTS = "parts"
    MEDIA = "media"
    STILLS = "stills"
    STATIC = "static"
    WORKERS = "workers"
    REFUSED = "refused"  # those who said wrongly who they are


PROVING = "login|signup|password|reauthenticate|second-step|google|confirm-email|delete"
ADDRESSES: list[tuple[str, re.Pattern[str], Class | None]] = [  # the first that fits; no method means any
    (methods, re.compile(pattern), which)
    for methods, pattern, which in [
        ("", r"/health", None),
        ("", r"/static/.*", Class.STATIC),
        ("", r"/v2/internal/.*", Class.WORKERS),
        ("POST", r"/v2/auth/(login|register|google)", Class.SIGNING_IN),
        ("PUT", r"/v2/provider-keys/.*", Class.PROVIDER_KEYS),
        ("POST", r"/v2/conversations(/.*)?", Class.CONVERSATIONS),
        ("POST", r"/v2/uploads|/v2/videos|/library/upload/", Class.UPLOADS),
        ("", r"/v2/uploads/.*", Class.PARTS),
        ("", rf"/v2/videos/{UUID}/file|/s/media/[^/]+/[ab]/file", Class.MEDIA),
        ("", r"/v2/.*", Class.API),
        ("POST", rf"/account/({PROVING})/.*|/admin/login/", Class.SIGNING_IN),
        ("", r"/account/.*/login/callback/", Class.SIGNING_IN),
        ("POST", r"/account/keys/.*", Class.PROVIDER_KEYS),
        ("GET HEAD", r".*\.[a-z0-9]{2,4}", Class.STILLS),  # and sheets, tracks, waveforms, frame times
    ]
]
BY_ADDRESS = {Class.SIGNING_IN, Class.STATIC, Class.REFUSED}  # whoever signs in is nobody yet


def class_of(request: HttpRequest) -> Class | None:
    """None for what is not counted. What a page's scripts fetch of pages is a part of them."""
    method, path = request.method or "", request.path_info
    for methods, pattern, which in ADDRESSES:
        if (not methods or method in methods.split()) and pattern.fullmatch(path):
            return which
    by_script = "HX-Request" in request.headers or request.headers.get("Sec-Fetch-Dest") == "empty"
    return Class.PARTIALS if by_script else Class.PAGES
