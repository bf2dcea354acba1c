"""Serializers of search and of similar shots."""

import math
import uuid
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from sage.api.fields import JsonStringField, ListedChoiceField, number_messages
from sage.api.pagination import PageSerializer
from videos.api import examples
from videos.converters import read_video_id
from videos.search import registry
from videos.search.filters import SearchFilters
from videos.search.results import MAX_QUERY_LENGTH
from videos.youtube.ids import parse_youtube_id

MAX_SIMILAR = 50
MAX_SECONDS = 1_000_000.0
KINDS = [(kind.name, kind.label) for kind in registry.list_kinds()]


@extend_schema_field({"type": "string", "pattern": settings.VIDEO_ID_SCHEMA_PATTERN})
class VideoIdField(serializers.CharField):
    """The id of an upload, or the id or the address of a YouTube video."""

    def to_internal_value(self, data: Any) -> Any:
        found = read_video_id(super().to_internal_value(data))
        return found if isinstance(found, uuid.UUID) else parse_youtube_id(found, "video_id")


class SearchQuerySerializer(serializers.Serializer[Any]):
    q = JsonStringField(
        max_length=MAX_QUERY_LENGTH,
        help_text='Words, a "phrase in quotes", `OR`, and `-word` to exclude a word. Passages of similar meaning are '
        "found too.",
        error_messages={"max_length": f"Search for at most {MAX_QUERY_LENGTH} characters."},
    )
    kind = ListedChoiceField(KINDS, required=False, help_text="Search only this kind.")
    video_id = VideoIdField(required=False, help_text="Search only this video.")
    collection_id = serializers.UUIDField(required=False, help_text="Search only this collection.")
    since = serializers.DateTimeField(required=False, help_text="Search videos that were added at this time or later.")
    until = serializers.DateTimeField(required=False, help_text="Search videos that were added before this time.")

    @property
    def filters(self) -> SearchFilters:
        """The filters of a valid query."""
        return SearchFilters(**{name: value for name, value in self.validated_data.items() if name != "q"})


@extend_schema_field({"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2})
class RangeField(serializers.Field[Any, Any, Any, Any]):
    """A half-open range of characters."""

    def to_representation(self, value: tuple[int, int]) -> list[int]:
        return list(value)


class SearchResultSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(KINDS)
    video_id = serializers.CharField(allow_null=True)
    title = serializers.CharField(help_text="The title of the video.")
    start = serializers.FloatField(allow_null=True, help_text="Seconds. Null if the whole video matches.")
    end = serializers.FloatField(allow_null=True)
    text = serializers.CharField(help_text="Plain text: about 200 characters around the words that match.")
    marks = serializers.ListField(
        child=RangeField(), help_text="The words that match: ranges of characters (code points) of `text`."
    )
    score = serializers.FloatField(help_text="Higher is better. Scores of different searches cannot be compared.")


@extend_schema_serializer(examples=examples.response_example("Search results", examples.SEARCH_PAGE))
class SearchPageSerializer(PageSerializer):
    results = SearchResultSerializer(many=True)


class SimilarQuerySerializer(serializers.Serializer[Any]):
    """A part of a video. Without `end` it is 2 s long; without `start` and `end` it is the whole video."""

    start = serializers.FloatField(
        required=False, min_value=0, max_value=MAX_SECONDS, error_messages=number_messages("Give seconds from 0 on.")
    )
    end = serializers.FloatField(
        required=False, min_value=0, max_value=MAX_SECONDS, error_messages=number_messages("Give seconds from 0 on.")
    )
    limit = serializers.IntegerField(
        default=10,
        min_value=1,
        max_value=MAX_SIMILAR,
        error_messages=number_messages(f"Give a number from 1 to {MAX_SIMILAR}."),
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in ("start", "end"):
            if not math.isfinite(attrs.get(name, 0.0)):
                raise serializers.ValidationError({name: "Give seconds from 0 on."}, "invalid")
        if "end" in attrs and attrs["end"] <= attrs.get("start", 0.0):
            raise serializers.ValidationError({"end": "The end must be after the start."}, "out_of_range")
        return attrs


class SimilarVideoSerializer(serializers.Serializer[Any]):
    video_id = serializers.CharField(source="video.video_id")
    title = serializers.CharField(source="video.shown_title")
    score = serializers.FloatField(help_text="Cosine similarity, at most 1.")


class SimilarMomentSerializer(serializers.Serializer[Any]):
    video_id = serializers.CharField(source="video.video_id")
    title = serializers.CharField(source="video.shown_title")
    start = serializers.FloatField(help_text="Seconds.")
    end = serializers.FloatField(help_text="Seconds.")
    score = serializers.FloatField(help_text="Cosine similarity, at most 1.")


@extend_schema_serializer(examples=examples.response_example("Similar shots", examples.SIMILAR))
class SimilarSerializer(serializers.Serializer[Any]):
    videos = SimilarVideoSerializer(many=True)
    moments = SimilarMomentSerializer(many=True)
