"""View to read, store and delete the API key of a provider."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.credentials import provider_keys
from accounts.models import ProviderKey
from accounts.viewer import user_of
from sage.api.base import ApiView
from sage.api.fields import JsonStringField
from sage.api.openapi import error_responses
from sage.providers.keys import Provider

PROVIDER_PARAMETER = OpenApiParameter("provider", str, OpenApiParameter.PATH, enum=Provider.values)


class ProviderKeyBodySerializer(serializers.Serializer[Any]):
    key = JsonStringField(
        max_length=400, help_text="Checked with the provider, then stored encrypted. It is never returned."
    )


class ProviderKeyReadSerializer(serializers.ModelSerializer[ProviderKey]):
    class Meta:
        model = ProviderKey
        fields = ["provider", "is_valid", "last_four", "validated_at"]


EXAMPLE = {"provider": "openai", "is_valid": True, "last_four": "9f3A", "validated_at": "2026-11-21T20:15:00Z"}


@extend_schema(tags=["provider keys"], parameters=[PROVIDER_PARAMETER])
class ProviderKeyView(ApiView):
    @extend_schema(
        operation_id="read_provider_key",
        responses={200: ProviderKeyReadSerializer, **error_responses(403, 404)},
        examples=[OpenApiExample("Stored key", EXAMPLE, response_only=True, status_codes=[200])],
    )
    def get(self, request: Request, provider: Provider) -> Response:
        """Return whether a key is stored, its last four characters, and the result of the last check."""
        return Response(ProviderKeyReadSerializer(provider_keys.get_key(user_of(request), provider)).data)

    @extend_schema(
        operation_id="put_provider_key",
        request=ProviderKeyBodySerializer,
        responses={200: ProviderKeyReadSerializer, **error_responses(400, 403, 415, 422, 502, 503)},
        examples=[
            OpenApiExample("A key", {"key": "sk-an-example-of-a-key-9f3A"}, request_only=True),
            OpenApiExample("Stored key", EXAMPLE, response_only=True, status_codes=[200]),
        ],
    )
    def put(self, request: Request, provider: Provider) -> Response:
        """Check a key with its provider and store it. 422 if the provider rejects it; the previous key is kept."""
        body = ProviderKeyBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(
            ProviderKeyReadSerializer(provider_keys.save_key(user_of(request), provider, **body.validated_data)).data
        )

    @extend_schema(operation_id="delete_provider_key", responses={204: None, **error_responses(403, 404)})
    def delete(self, request: Request, provider: Provider) -> Response:
        """Delete the key."""
        provider_keys.remove_key(user_of(request), provider)
        return Response(status=204)
