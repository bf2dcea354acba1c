"""URL path converters."""

import uuid
from contextlib import suppress

from django.urls import register_converter

from videos.youtube.ids import ID_PATTERN, URL_PATTERN

UUID_PATTERN = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def read_video_id(value: str) -> uuid.UUID | str:
    """Return the id of an upload as a UUID, and anything else unchanged."""
    with suppress(ValueError):
        return uuid.UUID(value)
    return value


class VideoIdConverter:
    """Convert the id of a video: that of an upload, or the id or the percent-encoded address of a YouTube video.

    `VideoQuerySet.with_id` takes the result. It rejects addresses that do not name one video.
    """

    regex = f"{UUID_PATTERN}|{ID_PATTERN}|{URL_PATTERN}"

    def to_python(self, value: str) -> uuid.UUID | str:
        return read_video_id(value)

    def to_url(self, value: uuid.UUID | str) -> str:
        return str(value)


class ChoiceConverter:
    """Convert a URL segment that matches a fixed pattern."""

    regex = ""

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return str(value)


class DerivedFileConverter(ChoiceConverter):
    regex = r"poster\.jpg|still-[0-9]{5}\.jpg|sprite-[0-9]{3}\.jpg|sprites\.vtt|waveform\.dat|times\.f64"


class ActionConverter(ChoiceConverter):
    regex = "cancel|retry|delete"


class TranscriptFormatConverter(ChoiceConverter):
    regex = "srt|vtt|txt|json|chapters"


class IndexConverter(ChoiceConverter):
    regex = "[0-9]{1,6}"


class SideConverter(ChoiceConverter):
    regex = "a|b"


register_converter(VideoIdConverter, "video")
register_converter(DerivedFileConverter, "derived")
register_converter(ActionConverter, "action")
register_converter(TranscriptFormatConverter, "transcript_format")
register_converter(IndexConverter, "index")
register_converter(SideConverter, "side")
