"""Rate limits of signing in and of provider keys."""

from sage.limits.routes import RoutePattern
from sage.limits.scopes import RateLimitScope

CREDENTIAL_FORMS = "login|signup|password|reauthenticate|second-step|google|confirm-email|delete"

SIGNING_IN = RateLimitScope(
    "signing_in",
    "10/m",
    (
        RoutePattern(r"/v2/auth/(login|register|google)", ("POST",)),
        RoutePattern(rf"/account/({CREDENTIAL_FORMS})/.*|/admin/login/", ("POST",)),
        RoutePattern(r"/account/.*/login/callback/"),
    ),
    by_address=True,
)
PROVIDER_KEYS = RateLimitScope(
    "provider_keys",
    "10/m",
    (RoutePattern(r"/v2/provider-keys/.*", ("PUT",)), RoutePattern(r"/account/keys/.*", ("POST",))),
)
SCOPES = (SIGNING_IN, PROVIDER_KEYS)
