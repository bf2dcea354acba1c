"""Serializers of collections."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from sage.api.fields import JsonStringField
from videos.api import examples


@extend_schema_serializer(examples=examples.request_example("A collection", {"name": "Autumn"}))
class CollectionBodySerializer(serializers.Serializer[Any]):
    name = JsonStringField(max_length=100)


@extend_schema_serializer(examples=examples.response_example("A collection", examples.COLLECTION))
class CollectionReadSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    video_count = serializers.IntegerField()
    created_at = serializers.DateTimeField()
