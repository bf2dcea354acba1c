"""A comparison as a file to take away."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from accounts.viewer import Viewer
from billing import guard
from billing.operations import Operation
from sage.errors import Conflict, Problem
from videos.diff.export import FORMATS, Side, Subject, export
from videos.models import Comparison, Video

__all__ = ["FORMATS", "WORDS", "File", "exported"]

WORDS = {
    "json": "everything, for programs",
    "csv": "a table",
    "md": "a document",
    "edl": "an edit list",
    "otio": "a timeline",
    "srt": "subtitles",
    "vtt": "subtitles for the web",
}


@dataclass(frozen=True)
class File:
    name: str
    content_type: str
    text: str

    def download(self) -> HttpResponse:
        """To be kept, not shown, whatever it holds."""
        kept = content_disposition_header(True, self.name) or "attachment"
        headers = {"Content-Disposition": kept, "X-Content-Type-Options": "nosniff"}
        return HttpResponse(self.text, content_type=self.content_type, headers=headers)


def exported(viewer: Viewer, comparison: Comparison, kind: str, threshold: float | None = None) -> File:
    """The comparison at `threshold`, or at its owner's, as a file. Raises `Problem` with what to do."""
    if kind not in FORMATS:
        raise Problem(f"There is no such format. Ask for one of {', '.join(FORMATS)}.")
    if not comparison.is_completed:
        raise Conflict("This comparison is not finished, so there is nothing to export yet.")
    subject = Subject(_side(comparison.video_a), _side(comparison.video_b))
    made = export(comparison.shown_at(threshold), kind, subject)
    if viewer.user:
        guard.at_once(viewer.user.pk, Operation.EXPORT)
    names = f"{comparison.video_a.plain_title} and {comparison.video_b.plain_title}"
    return File(f"{names}.{made.ending}", made.content_type, made.text)


def _side(video: Video) -> Side:
    return Side(video.title, video.filename, video.frame_rate or 0.0)
