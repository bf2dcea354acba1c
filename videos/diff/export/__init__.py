"""Export a script as a file for other programs: data, a table, a document, an edit list, a timeline or subtitles."""

from dataclasses import dataclass
from importlib import import_module

from videos.diff.export.subject import Side, Subject
from videos.diff.script.stored import ShownScript

__all__ = ["FORMATS", "Exported", "Side", "Subject", "export"]


@dataclass(frozen=True, slots=True)
class Exported:
    """The text of a file, its content type and its file extension."""

    text: str
    content_type: str
    ending: str


# Each format is written by `as_…` of a module that is imported on first use: the libraries are large and exports rare.
_FORMATS = {
    "json": ("data", "application/json"),
    "csv": ("data", "text/csv; charset=utf-8"),
    "md": ("data", "text/markdown; charset=utf-8"),
    "edl": ("editing", "text/plain; charset=utf-8"),
    "otio": ("editing", "application/json"),
    "srt": ("subtitles", "application/x-subrip; charset=utf-8"),
    "vtt": ("subtitles", "text/vtt; charset=utf-8"),
}
FORMATS = tuple(_FORMATS)


def export(shown: ShownScript, kind: str, subject: Subject) -> Exported:
    """Export a script in one of FORMATS. Raises KeyError for any other format."""
    module, content_type = _FORMATS[kind]
    write = getattr(import_module(f"{__name__}.{module}"), f"as_{kind}")
    return Exported(write(shown, subject), content_type, kind)
