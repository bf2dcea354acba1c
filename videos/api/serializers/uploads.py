"""Serializers of uploads and their parts."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from sage.api.fields import JsonStringField, SecondsField, number_messages
from videos.api import examples
from videos.api.serializers.videos import VideoReadSerializer


@extend_schema_serializer(examples=examples.request_example("A one-minute video", examples.UPLOAD_BODY))
class UploadBodySerializer(serializers.Serializer[Any]):
    filename = JsonStringField(max_length=2000)
    size = serializers.IntegerField(
        help_text="Bytes.", error_messages=number_messages("Give the size of the file in bytes, as a whole number.")
    )
    content_type = JsonStringField(allow_blank=True, default="", max_length=100)
    sha256 = serializers.RegexField(
        "^([0-9A-Fa-f]{64})?$",
        default="",
        allow_blank=True,
        help_text="SHA-256 of the whole file in hexadecimal, checked when the upload is completed.",
    )
    duration = SecondsField(
        default=None, allow_null=True, help_text="Seconds, or a string such as `1:30` or `1:02:03`."
    )
    version_of = serializers.UUIDField(
        default=None, allow_null=True, help_text="The video of which this is a new version."
    )
    collection_id = serializers.UUIDField(default=None, allow_null=True)


@extend_schema_serializer(examples=examples.response_example("Three parts", examples.UPLOAD))
class UploadReadSerializer(serializers.Serializer[Any]):
    upload_id = serializers.UUIDField(source="pk")
    part_size = serializers.IntegerField(help_text="Bytes of every part except the last.")
    part_count = serializers.IntegerField()
    expires_at = serializers.DateTimeField(help_text="Extended when URLs of parts are requested, up to 30 days.")


class PartBodySerializer(serializers.Serializer[Any]):
    part_number = serializers.IntegerField(
        min_value=1, error_messages=number_messages("Give a part number of 1 or more.")
    )
    etag = JsonStringField(max_length=100)


@extend_schema_serializer(examples=examples.request_example("Two parts", examples.COMPLETE_BODY))
class CompleteBodySerializer(serializers.Serializer[Any]):
    parts = PartBodySerializer(many=True)


class PartReadSerializer(serializers.Serializer[Any]):
    part_number = serializers.IntegerField()
    size = serializers.IntegerField()
    etag = serializers.CharField(help_text="MD5 of the part, as on S3.")


@extend_schema_serializer(examples=examples.response_example("One part received", examples.PARTS))
class PartsReadSerializer(serializers.Serializer[Any]):
    parts = PartReadSerializer(many=True)


@extend_schema_serializer(examples=examples.response_example("Without S3", examples.PART_URL))
class PartUrlReadSerializer(serializers.Serializer[Any]):
    url = serializers.URLField()
    method = serializers.ChoiceField(["PUT"])
    headers = serializers.DictField(child=serializers.CharField(), help_text="Headers to send with the part.")
    expires_at = serializers.DateTimeField()


@extend_schema_serializer(component_name="HeldRead")
class ExistingVideoSerializer(serializers.Serializer[Any]):
    video = VideoReadSerializer()
