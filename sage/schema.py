"""What the API says of itself: OpenAPI 3.1 at `/v2/schema/`, a page to read and try it at `/v2/docs/`."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.decorators import method_decorator
from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.renderers import OpenApiJsonRenderer2, OpenApiYamlRenderer2
from drf_spectacular.utils import Direction, OpenApiExample, OpenApiResponse
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers

from sage.errors import CODES, error_body
from sage.fields import SEEN

METHODS = ("get", "post", "put", "patch", "delete")
MEANS = {
    400: "The request makes no sense.",
    401: "Nobody is signed in.",
    402: "The balance is too small; `details` say what is needed and what is there.",
    403: "Not by this way of signing in, without the CSRF token, or with this signature.",
    404: "There is nothing here, or it is not yours.",
    405: "Not by this method.",
    409: "Not in the state that this is in now.",
    410: "It has expired or was cancelled.",
    413: "Larger than what is taken here.",
    415: "No kind of video that Sage reads, or no JSON.",
    416: "The range lies outside the file.",
    422: "A value is missing or wrong; `details` say which.",
    429: "Too many of these; `Retry-After` and `details.reset_in_seconds` say when to come again.",
    500: "Something went wrong on Sage's side, and it was written to the log.",
    502: "The provider that was asked gave no clear answer.",
    503: "No room, or something that Sage needs is away.",
}
SECONDS = {"type": "integer", "minimum": 1}
HEADERS: dict[str, dict[str, Any]] = {
    "Idempotent-Replay": {
        "schema": {"type": "string", "enum": ["true"]},
        "description": "Here where this is the answer that the first request with this `Idempotency-Key` got.",
    },
    "Retry-After": {"schema": SECONDS, "required": True, "description": "Seconds until it may be asked again."},
    "X-RateLimit-Limit": {"schema": SECONDS, "description": "How many of these may be asked in a while."},
    "X-RateLimit-Remaining": {
        "schema": {"type": "integer", "minimum": 0},
        "description": "How many of them are left.",
    },
    "X-RateLimit-Reset": {"schema": SECONDS, "description": "Seconds until there are more."},
}
COUNTED = tuple(name for name in HEADERS if name.startswith("X-RateLimit"))
NEVER_KEPT = {"401", "405", "413", "429", "500", "503"}  # what no key is answered with again
DETAILS: dict[int, Any] = {
    402: {"required": 90, "available": 35},
    422: [{"field": "filename", "message": "This field is required.", "type": "missing"}],
    429: {"reset_in_seconds": 12},
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


def errors(*statuses: int, known: bool = True) -> dict[int, OpenApiResponse]:
    """The answers of a call that went wrong, all in the one shape; 401 is among them where one has to be known."""
    return {
        status: OpenApiResponse(
            Refused if status == 422 else Error, description=MEANS[status], examples=[_example(status)]
        )
        for status in sorted({*statuses, *([401] if known else [])})
    }


def _example(status: int) -> OpenApiExample:
    return OpenApiExample(CODES[status], _error(status), response_only=True, status_codes=[status])


def _error(status: int) -> dict[str, Any]:
    return error_body(CODES[status], MEANS[status], DETAILS.get(status))


class Doors(OpenApiAuthenticationExtension):
    """Every way to say who one is; which of them a call takes, its permission says by `takes`."""

    target_class = "accounts.viewer.WhoAsks"
    name = ["jwt", "session", "guest", "longTermToken"]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, str]]:
        return [
            {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "From `POST /v2/auth/login` or `/v2/auth/google`; good for a day. A changed password "
                "and signing out everywhere end it.",
            },
            {
                "type": "apiKey",
                "in": "cookie",
                "name": settings.SESSION_COOKIE_NAME,
                "description": "The cookie of a signed-in browser. Calls that write want `X-CSRFToken` as well.",
            },
            {
                "type": "apiKey",
                "in": "header",
                "name": "X-Guest-Session-ID",
                "description": "A guest's own id: 8 to 64 letters, digits, `_` or `-`. A JWT goes before it.",
            },
            {
                "type": "http",
                "scheme": "bearer",
                "description": "A long-term token, from `POST /v2/auth/tokens`: creates notes, nothing else.",
            },
        ]

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, list[Any]]]:
        takes = [name for one in auto_schema.view.get_permissions() for name in getattr(one, "takes", ())]
        return [{name: []} if name else {} for name in takes]


class WorkersDoor(OpenApiAuthenticationExtension):
    target_class = "accounts.viewer.WorkerAsks"
    name = "adminToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "The `ADMIN_TOKEN` of this site."}


class ClosedShape(OpenApiSerializerExtension):
    """A body that takes no other keys says so."""

    target_class = "sage.fields.Closed"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        shape = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**shape, "additionalProperties": False}


class TextShape(OpenApiSerializerFieldExtension):
    """A text that is asked for has something in it, and no NUL."""

    target_class = "sage.fields.JsonText"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        shape = auto_schema._map_serializer_field(self.target, direction, bypass_extensions=True)
        if self.target.allow_blank:
            return {**shape, "pattern": r"^[^\x00]*$"}
        seen = rf"[^\x00]*{SEEN}[^\x00]*" if self.target.trim_whitespace else r"[^\x00]+"
        return {"minLength": 1, **shape, "pattern": f"^{seen}$"}


class IdShape(OpenApiSerializerFieldExtension):
    target_class = "rest_framework.fields.UUIDField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        pattern = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
        return {"type": "string", "format": "uuid", "pattern": pattern}


def with_common_errors(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """What every call may answer, and the headers that go with it."""
    result["components"]["headers"] = HEADERS
    for path, calls in result["paths"].items():
        for name, call in calls.items():
            if name in METHODS:
                once = any(one["name"] == "Idempotency-Key" for one in call.get("parameters", []))
                for status in _common(path, call, once=once):
                    call["responses"].setdefault(str(status), _answer(status))
                for status, answer in call["responses"].items():
                    # Errors are counted too, which the introduction says once: told of each, the page grows slow.
                    also = [
                        *(COUNTED if status < "400" or status == "429" else ()),
                        *(["Retry-After"] if status == "429" else []),
                        *(["Idempotent-Replay"] if once and status not in NEVER_KEPT else []),
                    ]
                    told = {header: {"$ref": f"#/components/headers/{header}"} for header in also}
                    if told:
                        answer["headers"] = {**answer.get("headers", {}), **told}
    return result


def _common(path: str, call: dict[str, Any], *, once: bool) -> Iterator[int]:
    """The errors that a call has by what it is. `once`: where a key is sent, its body is read even if it wants none."""
    yield from (400, 405, 429, 500, 503)
    if "401" in call["responses"]:
        yield 403
    if "{" in path:
        yield 404
    if once:
        yield from (409, 415)
    if once or "requestBody" in call:
        yield 413


def _answer(status: int) -> dict[str, Any]:
    shape = {"$ref": "#/components/schemas/Error"}
    shown = {CODES[status]: {"value": _error(status)}}
    return {"content": {"application/json": {"schema": shape, "examples": shown}}, "description": MEANS[status]}


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
