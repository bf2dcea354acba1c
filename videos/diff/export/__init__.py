"""A comparison as a file for other programs: data, a table, a document, an edit list, a timeline, subtitles."""

from dataclasses import dataclass
from importlib import import_module

from videos.diff.export.subject import Shown, Side, Subject

__all__ = ["FORMATS", "Exported", "Side", "Subject", "export"]


@dataclass(frozen=True, slots=True)
class Exported:
    """A file: its text, its content type, and the ending of its name."""

    text: str
    content_type: str
    ending: str


# Each is written by `as_…` of a module that is imported when first asked for: the libraries are large, exports rare.
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


def export(shown: Shown, kind: str, subject: Subject) -> Exported:
    """Write a script, as `recut` shows it, in one of FORMATS. Raises KeyError for any other."""
    module, content_type = _FORMATS[kind]
    write = getattr(import_module(f"{__name__}.{module}"), f"as_{kind}")
    return Exported(write(shown, subject), content_type, kind)
