"""Conform a file of a user to B of a comparison."""

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse

from accounts.viewer import Viewer
from billing import charges
from billing.operations import Operation
from sage.errors import Conflict, InvalidInput
from videos.comparisons.export import ExportedFile
from videos.conform.conforming import MAX_BYTES, Conformed, conform
from videos.conform.timecode import Reel, build_reel
from videos.models import Comparison, Video

MAX_NAME = 100  # characters of the name of a file
COUNTS_HEADER = "X-Conform"


@dataclass(frozen=True)
class ConformedFile:
    """A file in B's times, and its name."""

    name: str
    conformed: Conformed

    def as_response(self) -> HttpResponse:
        """Return a download with the counts in `X-Conform`."""
        conformed = self.conformed
        response = ExportedFile(self.name, conformed.content_type, conformed.text).as_response()
        response.headers[COUNTS_HEADER] = conformed.counts
        return response

    def describe_items(self) -> list[dict[str, Any]]:
        """Return what became of each item, as the API lists it. A marker ends where it starts."""
        return [
            {
                "index": each.index,
                "text": each.item.text,
                "a": _describe_span(each.item.start, each.item.end),
                "b": None if each.start is None else _describe_span(each.start, each.end),
                "state": each.state,
            }
            for each in self.conformed.items
        ]


def conform_upload(viewer: Viewer, comparison: Comparison, file: UploadedFile | None, to: str = "") -> ConformedFile:
    """Return an uploaded file with times of A as a file with times of B. Raises `InvalidInput` and `Conflict`."""
    if not comparison.is_completed:
        raise Conflict("This comparison is not complete. Conform the file when it is complete.")
    if file is None:
        raise InvalidInput.field("file", "Send the file as the form field “file”.", "missing")
    if (file.size or 0) > MAX_BYTES:
        raise InvalidInput.field("file", f"This file is larger than {MAX_BYTES // 1024**2} MB. Divide it.", "max_size")
    a, b = comparison.video_a, comparison.video_b
    conformed = conform(file.read(), comparison.build_mapping(), (_build_reel(a), _build_reel(b)), to, b.title)
    if viewer.user:
        charges.charge_now(viewer.user.pk, Operation.EXPORT)
    stem = PurePath(file.name or "").stem[:MAX_NAME] or "conformed"
    return ConformedFile(f"{stem}.{conformed.kind}", conformed)


def _build_reel(video: Video) -> Reel:
    return build_reel(video.frame_rate, video.metadata.get("timecode"))


def _describe_span(start: float, end: float | None) -> list[float]:
    return [round(start, 6), round(start if end is None else end, 6)]
