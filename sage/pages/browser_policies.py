"""Set the headers that tell browsers what a page may use and which sites may load a response."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

Handler = Callable[[HttpRequest], HttpResponseBase]
PERMISSIONS = "Permissions-Policy"
RESOURCE_POLICY = "Cross-Origin-Resource-Policy"
# Features of devices that Sage does not use. Full screen, the clipboard and passkeys keep their default: this site.
UNUSED_FEATURES = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "serial",
    "usb",
)
# Only pages of this site may load a response without CORS.
POLICIES = {
    PERMISSIONS: ", ".join(f"{feature}=()" for feature in UNUSED_FEATURES),
    RESOURCE_POLICY: "same-origin",
}


def set_browser_policies(get_response: Handler) -> Handler:
    """Middleware that sets the policies on every response. It must be the first, so that errors have them too.

    A response to an origin of `CORS_ALLOWED_ORIGINS` may be loaded by that origin, as the other CORS headers say.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        for name, value in POLICIES.items():
            response.headers.setdefault(name, value)
        if "Access-Control-Allow-Origin" in response.headers:
            response.headers[RESOURCE_POLICY] = "cross-origin"
        return response

    return middleware
