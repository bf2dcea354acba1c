"""Export a comparison as a file."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from accounts.viewer import Viewer
from billing import charges
from billing.operations import Operation
from sage.errors import BadRequest, Conflict
from videos.comparisons.quality import checklist
from videos.comparisons.reviews.annotations import annotate_script, load_annotations
from videos.diff.export import FORMATS, Side, Subject, Words, export
from videos.models import Comparison, Video

__all__ = ["FORMATS", "FORMAT_LABELS", "ExportedFile", "export_comparison"]

FORMAT_LABELS = {
    "json": "all data",
    "csv": "spreadsheet",
    "md": "document",
    "edl": "edit decision list",
    "otio": "OpenTimelineIO timeline",
    "srt": "subtitles",
    "vtt": "web subtitles",
}


@dataclass(frozen=True)
class ExportedFile:
    """An exported comparison."""

    name: str
    content_type: str
    text: str

    def as_response(self) -> HttpResponse:
        """Return a response that browsers save and never display."""
        disposition = content_disposition_header(True, self.name) or "attachment"
        headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
        return HttpResponse(self.text, content_type=self.content_type, headers=headers)


def export_comparison(
    viewer: Viewer, comparison: Comparison, kind: str, threshold: float | None = None
) -> ExportedFile:
    """Export the comparison at `threshold`, or at the saved threshold. Raises `BadRequest` with what to do."""
    if kind not in FORMATS:
        raise BadRequest(f"Unknown format. Choose one of {', '.join(FORMATS)}.")
    if not comparison.is_completed:
        raise Conflict("This comparison is not complete. Export it when it is complete.")
    subject = Subject(_side(comparison.video_a), _side(comparison.video_b), comparison.list_facts())
    script = annotate_script(comparison.script_at(threshold), load_annotations([comparison.pk])[comparison.pk])
    exported = export(script, kind, subject, describe_words(comparison))
    if viewer.user:
        charges.charge_now(viewer.user.pk, Operation.EXPORT)
    names = f"{comparison.video_a.safe_title} and {comparison.video_b.safe_title}"
    return ExportedFile(f"{names}.{exported.ending}", exported.content_type, exported.text)


def export_quality_check(comparison: Comparison, threshold: float | None = None) -> ExportedFile:
    """Export the list of the quality check as CSV. Raises `Conflict` if there is none."""
    rows = checklist.list_checks(comparison, comparison.script_at(threshold)) if comparison.is_completed else None
    if rows is None:
        raise Conflict("This comparison has no quality check. Compare the videos again to get one.")
    names = f"{comparison.video_a.safe_title} and {comparison.video_b.safe_title}"
    return ExportedFile(f"{names} quality check.csv", "text/csv; charset=utf-8", checklist.write_csv(rows))


def describe_words(comparison: Comparison) -> Words | None:
    """Return the words and the text on screen that differ. None if neither was compared."""
    if comparison.words is None and comparison.screen_text is None:
        return None
    segments = comparison.words["segments"] if comparison.words else []
    return {"segments": segments, "screen_text": comparison.screen_text or []}


def _side(video: Video) -> Side:
    return Side(video.title, video.filename, video.frame_rate or 0.0)
