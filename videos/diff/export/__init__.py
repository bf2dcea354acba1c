"""A comparison as a file for other programs: data, a table, a document, an edit list, a timeline, subtitles."""

from collections.abc import Callable
from dataclasses import dataclass

from videos.diff.export.data import as_csv, as_json, as_markdown
from videos.diff.export.editing import as_edl, as_otio
from videos.diff.export.subject import Shown, Side, Subject
from videos.diff.export.subtitles import as_srt, as_vtt

__all__ = ["FORMATS", "Exported", "Side", "Subject", "export"]


@dataclass(frozen=True, slots=True)
class Exported:
    """A file: its text, its content type, and the ending of its name."""

    text: str
    content_type: str
    ending: str


_WRITERS: dict[str, tuple[Callable[[Shown, Subject], str], str]] = {
    "json": (as_json, "application/json"),
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "md": (as_markdown, "text/markdown; charset=utf-8"),
    "edl": (as_edl, "text/plain; charset=utf-8"),
    "otio": (as_otio, "application/json"),
    "srt": (as_srt, "application/x-subrip; charset=utf-8"),
    "vtt": (as_vtt, "text/vtt; charset=utf-8"),
}
FORMATS = tuple(_WRITERS)


def export(shown: Shown, kind: str, subject: Subject) -> Exported:
    """Write a script, as `recut` shows it, in one of FORMATS. Raises KeyError for any other."""
    write, content_type = _WRITERS[kind]
    return Exported(write(shown, subject), content_type, kind)
