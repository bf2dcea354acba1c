"""Serializers of transcripts and chapters."""

from typing import Any

from rest_framework import serializers

from sage.api.fields import JsonNumberField, JsonStringField
from videos.models import Chapter
from videos.transcripts.chapters import MAX_CHAPTERS, MAX_TITLE_LETTERS


class CueSerializer(serializers.Serializer[Any]):
    """A line of a transcript."""

    text = JsonStringField(max_length=5000, allow_blank=True, help_text="Empty lines are left out.")
    offset = JsonNumberField(min_value=0, help_text="Seconds from the start of the video.")
    duration = JsonNumberField(min_value=0, help_text="Seconds.")


class ChapterSerializer(serializers.Serializer[Chapter]):
    """A chapter, which lasts until the next one starts."""

    start = JsonNumberField(min_value=0, help_text="Seconds from the start of the video.")
    title = JsonStringField(max_length=MAX_TITLE_LETTERS)


class ChapterListSerializer(serializers.ListSerializer[Any]):
    """A list of at most `MAX_CHAPTERS` chapters."""

    child = ChapterSerializer()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": MAX_CHAPTERS, **kwargs})
