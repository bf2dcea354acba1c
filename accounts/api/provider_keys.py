"""The API's door to one's own keys for providers."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import provider_keys
from accounts.models import ProviderKey, User
from accounts.once import Door
from accounts.viewer import viewer_of
from sage.fields import JsonText
from sage.providers.checking import Provider
from sage.schema import errors

WHOSE = OpenApiParameter("provider", str, OpenApiParameter.PATH, enum=Provider.values)


class ProviderKeyBody(serializers.Serializer[Any]):
    key = JsonText(max_length=400, help_text="Checked with the provider, then kept sealed. It is never shown again.")


class ProviderKeyRead(serializers.ModelSerializer[ProviderKey]):
    class Meta:
        model = ProviderKey
        fields = ["provider", "is_valid", "last_four", "validated_at"]


SHOWN = {"provider": "openai", "is_valid": True, "last_four": "9f3A", "validated_at": "2026-11-21T20:15:00Z"}


@extend_schema(tags=["provider keys"], parameters=[WHOSE])
class OneProviderKey(Door):
    @extend_schema(
        operation_id="read_provider_key",
        responses={200: ProviderKeyRead, **errors(403, 404)},
        examples=[OpenApiExample("Kept", SHOWN, response_only=True, status_codes=[200])],
    )
    def get(self, request: Request, provider: Provider) -> Response:
        """Whether a key is kept, what it ends with, and what its provider said when it was last asked."""
        return Response(ProviderKeyRead(provider_keys.of(_user(request), provider)).data)

    @extend_schema(
        operation_id="put_provider_key",
        request=ProviderKeyBody,
        responses={200: ProviderKeyRead, **errors(400, 403, 415, 422, 502, 503)},
        examples=[
            OpenApiExample("A key", {"key": "sk-an-example-of-a-key-9f3A"}, request_only=True),
            OpenApiExample("Kept", SHOWN, response_only=True, status_codes=[200]),
        ],
    )
    def put(self, request: Request, provider: Provider) -> Response:
        """Check a key with its provider and keep it. One that is refused is 422, and the one before it stays."""
        body = ProviderKeyBody(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(ProviderKeyRead(provider_keys.put(_user(request), provider, **body.validated_data)).data)

    @extend_schema(operation_id="delete_provider_key", responses={204: None, **errors(403, 404)})
    def delete(self, request: Request, provider: Provider) -> Response:
        """Forget the key."""
        provider_keys.remove(_user(request), provider)
        return Response(status=204)


def _user(request: Request) -> User:
    viewer = viewer_of(request)
    assert viewer.user  # noqa: S101 - the permission says so
    return viewer.user
