"""What the API says of itself: OpenAPI 3.1 at `/v2/schema/`, a page to read and try it at `/v2/docs/`."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.decorators import method_decorator
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.renderers import OpenApiJsonRenderer2, OpenApiYamlRenderer2
from drf_spectacular.utils import OpenApiResponse
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers

from sage.errors import CODES

MEANS = {
    400: "The request makes no sense.",
    401: "Nobody is signed in.",
    402: "The balance is too small; `details` say what is needed and what is there.",
    403: "The CSRF token is missing or wrong, or the signature of the address is.",
    404: "There is nothing here, or it is not yours.",
    405: "Not by this method.",
    409: "Not in the state that this is in now.",
    410: "It has expired or was cancelled.",
    413: "Larger than what is taken here.",
    415: "No kind of video that Sage reads, or no JSON.",
    416: "The range lies outside the file.",
    422: "A value is missing or wrong; `details` say which.",
    503: "No room, or something that Sage needs is away.",
}


class FieldError(serializers.Serializer[Any]):
    field = serializers.CharField()
    message = serializers.CharField()
    type = serializers.CharField(help_text="The rule that was broken: `missing`, `too_short`, `invalid_choice`…")


class Inside(serializers.Serializer[Any]):
    code = serializers.CharField(help_text=", ".join(f"`{code}`" for code in dict.fromkeys(CODES.values())))
    message = serializers.CharField(help_text="One plain sentence for people.")
    details = serializers.JSONField(help_text="What more there is to say; `{}` where that is nothing.")


class Error(serializers.Serializer[Any]):
    error = Inside()


class RefusedInside(serializers.Serializer[Any]):
    code = serializers.ChoiceField(["VALIDATION_ERROR"])
    message = serializers.CharField()
    details = FieldError(many=True)


class Refused(serializers.Serializer[Any]):
    """An error that names each field which is missing or wrong."""

    error = RefusedInside()


def errors(*statuses: int) -> dict[int, OpenApiResponse]:
    """The answers of a call that went wrong, all in the one shape; 401 is always among them."""
    return {
        status: OpenApiResponse(Refused if status == 422 else Error, description=MEANS[status])
        for status in sorted({401, *statuses})
    }


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.viewer.WhoAsks"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "The cookie of a signed-in browser. Calls that write also want the header `X-CSRFToken`.",
        }


class SchemaView(SpectacularAPIView):
    """The description itself, as JSON or, where that is asked for, as YAML."""

    renderer_classes = [OpenApiJsonRenderer2, OpenApiYamlRenderer2]


@method_decorator(csp_update({"img-src": "data:"}), name="dispatch")  # its style sheet holds its icons
class DocsView(SpectacularSwaggerSplitView):
    """The page to read it by. Its script has an address of its own, since the policy forbids inline ones."""

    template_name = "docs.html"


def shown(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The view where `API_DOCS` is on, nothing elsewhere."""

    @wraps(view)
    def if_on(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.API_DOCS:
            raise Http404
        return view(request, *args, **kwargs)

    return if_on
