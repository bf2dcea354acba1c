"""Describe the API: OpenAPI 3.1 at `/v2/schema/`, interactive documentation at `/v2/docs/`."""

from collections.abc import Callable, Iterator
from functools import cache, wraps
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
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.renderers import OpenApiJsonRenderer2, OpenApiYamlRenderer2
from drf_spectacular.utils import Direction, OpenApiExample, OpenApiResponse, extend_schema, extend_schema_serializer
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from sage.api.fields import VISIBLE_CHARACTER
from sage.api.idempotency import KEY_HEADER, REPLAY_HEADER
from sage.errors import CODES, error_body

METHODS = ("get", "post", "put", "patch", "delete")
DESCRIPTIONS = {
    400: "The request is malformed.",
    401: "Authentication is missing or invalid.",
    402: "The balance is too small; `details` has the required and the available tokens.",
    403: "This authentication method is not accepted, the CSRF token is missing, or the signature is wrong.",
    404: "Not found, or you do not have access.",
    405: "The method is not allowed.",
    409: "The current state does not allow this.",
    410: "It has expired or was cancelled.",
    413: "The body is too large.",
    415: "Not a video format that Sage reads, or not JSON.",
    416: "The range is outside the file.",
    422: "A value is missing or invalid; `details` lists the fields.",
    429: "The rate limit is exceeded; `Retry-After` and `details.reset_in_seconds` say when to retry.",
    500: "Something went wrong on the server, and the error was logged.",
    502: "The provider gave no usable response.",
    503: "The disk is full, or a service that Sage needs is unavailable.",
}
SECONDS = {"type": "integer", "minimum": 1}
HEADERS: dict[str, dict[str, Any]] = {
    REPLAY_HEADER: {
        "schema": {"type": "string", "enum": ["true"]},
        "description": "Present if this is the stored response to the first request with this `Idempotency-Key`.",
    },
    "Retry-After": {"schema": SECONDS, "required": True, "description": "Seconds until the request may be retried."},
    "X-RateLimit-Limit": {"schema": SECONDS, "description": "Requests that the rate limit allows."},
    "X-RateLimit-Remaining": {
        "schema": {"type": "integer", "minimum": 0},
        "description": "Requests that are left.",
    },
    "X-RateLimit-Reset": {"schema": SECONDS, "description": "Seconds until more requests are allowed."},
}
RATE_LIMIT_HEADERS = tuple(name for name in HEADERS if name.startswith("X-RateLimit"))
NOT_REPLAYED = {"401", "405", "413", "429", "500", "503"}  # statuses that are never stored for an `Idempotency-Key`
DETAILS: dict[int, Any] = {
    402: {"required": 90, "available": 35},
    422: [{"field": "filename", "message": "“filename” is missing.", "type": "missing"}],
    429: {"reset_in_seconds": 12},
}


class FieldErrorSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    message = serializers.CharField()
    type = serializers.CharField(help_text="The rule that was broken: `missing`, `too_short`, `invalid_choice`…")


@extend_schema_serializer(component_name="Inside")
class ErrorDetailSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text=", ".join(f"`{code}`" for code in dict.fromkeys(CODES.values())))
    message = serializers.CharField(help_text="A message for the user.")
    details = serializers.JSONField(help_text="Further data; `{}` if there is none.")


class ErrorSerializer(serializers.Serializer[Any]):
    error = ErrorDetailSerializer()


@extend_schema_serializer(component_name="RefusedInside")
class InvalidInputDetailSerializer(serializers.Serializer[Any]):
    code = serializers.ChoiceField(["VALIDATION_ERROR"])
    message = serializers.CharField()
    details = FieldErrorSerializer(many=True)


@extend_schema_serializer(component_name="Refused")
class InvalidInputSerializer(serializers.Serializer[Any]):
    """An error that lists each missing or invalid field."""

    error = InvalidInputDetailSerializer()


def error_responses(*statuses: int, authenticated: bool = True) -> dict[int, OpenApiResponse]:
    """Return the error responses of an operation; 401 is included if the operation needs authentication."""
    return {
        status: OpenApiResponse(
            InvalidInputSerializer if status == 422 else ErrorSerializer,
            description=DESCRIPTIONS[status],
            examples=[_error_example(status)],
        )
        for status in sorted({*statuses, *([401] if authenticated else [])})
    }


def _error_example(status: int) -> OpenApiExample:
    return OpenApiExample(CODES[status], _example_body(status), response_only=True, status_codes=[status])


def _example_body(status: int) -> dict[str, Any]:
    return error_body(CODES[status], DESCRIPTIONS[status], DETAILS.get(status))


class UserAuthenticationScheme(OpenApiAuthenticationExtension):
    """Authentication of users and guests; the `schemes` of a permission class list what its views accept."""

    target_class = "accounts.viewer.UserAuthentication"
    name = ["jwt", "session", "guest", "longTermToken"]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, str]]:
        return [
            {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "From `POST /v2/auth/login` or `/v2/auth/google`, valid for 24 hours. Changing the "
                "password and signing out everywhere revoke it.",
            },
            {
                "type": "apiKey",
                "in": "cookie",
                "name": settings.SESSION_COOKIE_NAME,
                "description": "The session cookie of a browser. Requests that write also need `X-CSRFToken`.",
            },
            {
                "type": "apiKey",
                "in": "header",
                "name": "X-Guest-Session-ID",
                "description": "Guest id of your choice: 8 to 64 letters, digits, `_` or `-`. A JWT takes precedence.",
            },
            {
                "type": "http",
                "scheme": "bearer",
                "description": "A long-term token from `POST /v2/auth/tokens`. It can only create notes.",
            },
        ]

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, list[Any]]]:
        permissions = auto_schema.view.get_permissions()
        schemes = [scheme for permission in permissions for scheme in getattr(permission, "schemes", ())]
        return [{scheme: []} if scheme else {} for scheme in schemes]


class WorkerAuthenticationScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.viewer.WorkerAuthentication"
    name = "adminToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "The `ADMIN_TOKEN` of this site."}


class StrictSerializerExtension(OpenApiSerializerExtension):
    """Describe a strict serializer as an object without additional properties."""

    target_class = "sage.api.fields.StrictSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**schema, "additionalProperties": False}


class JsonStringFieldExtension(OpenApiSerializerFieldExtension):
    """Describe a string that is not blank and has no NUL character."""

    target_class = "sage.api.fields.JsonStringField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        schema = auto_schema._map_serializer_field(self.target, direction, bypass_extensions=True)
        schema["type"] = "string"  # null is added later, and twice would be invalid
        if self.target.allow_blank:
            return {**schema, "pattern": r"^[^\x00]+$"}  # the blank string is an alternative
        pattern = rf"[^\x00]*{VISIBLE_CHARACTER}[^\x00]*" if self.target.trim_whitespace else r"[^\x00]+"
        return {"minLength": 1, **schema, "pattern": f"^{pattern}$"}


class UuidFieldExtension(OpenApiSerializerFieldExtension):
    target_class = "rest_framework.fields.UUIDField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        pattern = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
        return {"type": "string", "format": "uuid", "pattern": pattern}


def add_common_responses(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the responses and headers that operations have in common. drf-spectacular calls this hook."""
    result["components"]["headers"] = HEADERS
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            if method in METHODS:
                _add_responses(path, operation)
    return result


def _add_responses(path: str, operation: dict[str, Any]) -> None:
    is_idempotent = any(parameter["name"] == KEY_HEADER for parameter in operation.get("parameters", []))
    for status in _common_statuses(path, operation, is_idempotent=is_idempotent):
        operation["responses"].setdefault(str(status), _error_response(status))
    for status, response in operation["responses"].items():
        # All errors have the rate-limit headers. Only the introduction says so, because repeating them slows the page.
        headers = [
            *(RATE_LIMIT_HEADERS if status < "400" or status == "429" else ()),
            *(["Retry-After"] if status == "429" else []),
            *([REPLAY_HEADER] if is_idempotent and status not in NOT_REPLAYED else []),
        ]
        if headers:
            references = {header: {"$ref": f"#/components/headers/{header}"} for header in headers}
            response["headers"] = {**response.get("headers", {}), **references}


def _common_statuses(path: str, operation: dict[str, Any], *, is_idempotent: bool) -> Iterator[int]:
    """Yield the error statuses of an operation. An `Idempotency-Key` makes the server read a body in any case."""
    yield from (400, 405, 429, 500, 503)
    if "401" in operation["responses"]:
        yield 403
    if "{" in path:
        yield 404
    if is_idempotent:
        yield from (409, 415)
    if is_idempotent or "requestBody" in operation:
        yield 413


def _error_response(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Error"}
    examples = {CODES[status]: {"value": _example_body(status)}}
    return {
        "content": {"application/json": {"schema": schema, "examples": examples}},
        "description": DESCRIPTIONS[status],
    }


@cache
def generate_schema() -> dict[str, Any]:
    """Return the schema of all operations. It depends on the code alone, so each process generates it once."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(public=True)
    return schema


class SchemaView(SpectacularAPIView):
    """The OpenAPI schema as JSON, or as YAML if the client accepts only that."""

    renderer_classes = [OpenApiJsonRenderer2, OpenApiYamlRenderer2]

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        filename = f"Sage.{request.accepted_renderer.format}"
        return Response(generate_schema(), headers={"Content-Disposition": f'inline; filename="{filename}"'})


@method_decorator(csp_update({"img-src": "data:"}), name="dispatch")  # the icons of its style sheet
class DocsView(SpectacularSwaggerSplitView):
    """The interactive documentation. Its script has its own URL because the policy forbids inline scripts."""

    template_name = "docs.html"


def require_api_docs(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Decorate a view to answer 404 unless `API_DOCS` is on."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.API_DOCS:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded
