"""Export a script as a file for other programs: data, a table, a document, an edit list, a timeline or subtitles."""

from dataclasses import dataclass
from importlib import import_module

from videos.diff.export.subject import Side, Subject, Words
from videos.diff.script.stored import ShownScript

__all__ = ["FORMATS", "Exported", "Side", "Subject", "Words", "export"]


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


_WITH_WORDS = {"json", "csv", "md"}  # the formats that have a place for words


def export(shown: ShownScript, kind: str, subject: Subject, words: Words | None = None) -> Exported:
    """Export a script in one of FORMATS, with the differing words if the format can hold them.

    Raises KeyError for any other format.
    """
    module, content_type = _FORMATS[kind]
    write = getattr(import_module(f"{__name__}.{module}"), f"as_{kind}")
    text = write(shown, subject, words) if kind in _WITH_WORDS else write(shown, subject)
    return Exported(text, content_type, kind)
