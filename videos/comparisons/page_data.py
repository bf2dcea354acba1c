"""Build the data that the scripts of the comparison page read."""

from typing import Any, TypedDict

from videos.comparisons.media_urls import MediaUrls, Side
from videos.comparisons.thresholds import ThresholdControl
from videos.diff.script.rethreshold import find_kind
from videos.diff.script.stored import StoredRegion, StoredScript, StoredSegment, StoredSpan, StoredTransform
from videos.models import Video

OP_CODES = {"equal": "e", "changed": "c", "inserted": "i", "deleted": "d", "moved": "m"}

CompactSegment = tuple[
    str, StoredSpan | int, StoredSpan | int, float | None, list[list[Any]] | int, int, float | None, str | None,
    list[str] | int, int,
]  # fmt: skip


class CompactScript(TypedDict):
    """A stored script as `rethreshold.js` reads it. See `compact_segment` for the segments."""

    duration_a: float
    duration_b: float
    mode: str
    similarity: float
    calibrated: float
    saved: float
    threshold: float
    transforms: list[StoredTransform]
    segments: list[CompactSegment]


class VideoData(TypedDict):
    """One side as the player scripts read it. `stills` are in seconds; `times` is the URL of the frame times."""

    title: str
    duration: float | None
    width: int | None
    height: int | None
    file: str
    times: str
    stills: list[float]
    still: str
    sprites: str | None
    has_sound: bool


def compact_script(stored: StoredScript, control: ThresholdControl) -> CompactScript:
    """Return the stored script with one short list for each segment."""
    return {
        "duration_a": stored["duration_a"],
        "duration_b": stored["duration_b"],
        "mode": stored.get("mode", "aligned"),
        "similarity": stored["similarity_percent"],
        "calibrated": control.calibrated,
        "saved": control.saved,
        "threshold": control.value,
        "transforms": stored["transforms"],
        "segments": [compact_segment(segment) for segment in stored["segments"]],
    }


def compact_segment(segment: StoredSegment) -> CompactSegment:
    """Return the segment as a short list; 0 stands for none.

    It holds the code of the op, both spans, the distance, the regions, whether there are pictures, the second at which
    the other side shows the footage elsewhere, the kind of change, the texts that changed, and the number of frames.
    """
    return (
        OP_CODES[segment["op"]],
        segment["a"] or 0,
        segment["b"] or 0,
        segment["distance"],
        [_compact_region(region) for region in segment["regions"]] or 0,
        int(bool(segment.get("picture_at"))),
        segment.get("also_at"),
        find_kind(segment)[0],
        segment.get("texts") or 0,
        segment.get("frames", 0),
    )


def _compact_region(region: StoredRegion) -> list[Any]:
    """Return the box, and the keyframes of a change that moves."""
    box = [region["x"], region["y"], region["width"], region["height"]]
    return [*box, region["keyframes"]] if "keyframes" in region else box


def describe_video(video: Video, side: Side, urls: MediaUrls) -> VideoData:
    """Return what the player scripts need to know of one side."""
    return {
        "title": video.title,
        "duration": video.duration,
        "width": video.width,
        "height": video.height,
        "file": urls.file_url(side),
        "times": urls.derived_url(side, "times.f64"),
        "stills": video.stills,
        "still": urls.derived_url(side, "still-00000.jpg"),
        "sprites": urls.derived_url(side, "sprites.vtt") if video.has_sprites else None,
        "has_sound": bool(video.metadata.get("audio_codec")),
    }
