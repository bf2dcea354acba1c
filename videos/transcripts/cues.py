"""Read cues from uploaded files, check their times, and write them in other formats."""

import codecs
import html
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeGuard

from charset_normalizer import from_bytes

from sage.errors import InvalidInput, UnsupportedMediaType

MAX_CUES = 100_000
MAX_BYTES = 12 * 1024**2  # of a file with cues
MAX_CUE_LETTERS = 5_000
MIN_VALID_SHARE = 500  # characters for each damaged one, in a text that is still read as UTF-8
LATIN_SHARE = 0.2  # with fewer letters outside ASCII, the text is in a Latin script
LATE_SECONDS = 1.0  # how far past the end of the video a cue may start
TAG = re.compile(
    r"</?(?:i|b|u|s|c|v|font|ruby|rt|lang)(?:[.\s][^<>]{0,200})?>|<\d\d[\d:.]{0,12}>|\{\\[^{}]{0,60}\}", re.I
)
TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})"
TIME_LINE = re.compile(rf"{TIME}[ \t]*-->[ \t]*{TIME}(?:\s|$)")
BLANK_LINE = re.compile(r"\n[ \t]*\n[ \t\n]*")
HIDDEN_CATEGORIES = {"Cc", "Cs", "Co", "Cn"}  # of Unicode: controls, surrogates, private and unassigned characters
FORMATS = ("json", "srt", "vtt", "txt")  # that a transcript can be downloaded in
MEDIA_TYPES = {"application/x-subrip": "srt", "text/srt": "srt", "text/vtt": "vtt", "application/json": "json"}


@dataclass(frozen=True, slots=True)
class TimedText:
    """A line and when it is said, in seconds, half-open. `words` holds (text, start, end) if their times are known."""

    start: float
    end: float
    text: str
    words: tuple[tuple[str, float, float], ...] = ()


def parse_cues(data: bytes, media_type: str, filename: str = "") -> list[TimedText]:
    """Return the cues of a SubRip, WebVTT or JSON file in order of time.

    Raises `InvalidInput` with a message that says what to change.
    """
    if len(data) > MAX_BYTES:
        raise _invalid(f"This file is larger than {MAX_BYTES // 1024**2} MB. Choose a file with subtitles only.")
    text = decode_text(data).replace("\r\n", "\n").replace("\r", "\n")
    kind = _recognise_format(text, media_type, filename)
    cues = _parse_json(text) if kind == "json" else _parse_subtitles(text, kind)
    if len(cues) > MAX_CUES:
        raise _invalid(f"This file has {len(cues):,} cues. The most that Sage takes are {MAX_CUES:,}.")
    return sorted(cues, key=lambda cue: (cue.start, cue.end))


def decode_text(data: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16 or the encoding that its bytes suggest."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    lenient = data.decode(errors="replace")
    if lenient.count("\ufffd") * MIN_VALID_SHARE <= len(lenient):
        return lenient
    letters = [byte for byte in data if byte > 127 or chr(byte).isalpha()]
    if sum(byte > 127 for byte in letters) < LATIN_SHARE * len(letters):
        return data.decode("cp1252", errors="replace")
    guess = from_bytes(data[: 1024**2]).best()
    if guess is None:
        raise _invalid("The encoding of this file is unknown. Save it as UTF-8 and try again.")
    return data.decode(guess.encoding, errors="replace")


def check_times(cues: Iterable[TimedText], duration: float | None) -> list[TimedText]:
    """Return the cues within a video of `duration` seconds. Raises `InvalidInput` for a cue outside it."""
    checked = []
    for number, cue in enumerate(cues, 1):
        if cue.start < 0 or cue.end < cue.start:
            raise _invalid(f"Cue {number} ends before it starts, or starts before the video. Correct its times.")
        if duration and cue.start > duration + LATE_SECONDS:
            raise _invalid(
                f"Cue {number} starts at {cue.start:.1f} s, after the end of the video at {duration:.1f} s. "
                "Choose the subtitles of this version."
            )
        end = min(cue.end, duration) if duration else cue.end
        checked.append(TimedText(cue.start, max(end, cue.start), cue.text, cue.words))
    return checked


def write_cues(cues: Iterable[TimedText], kind: str) -> str:
    """Return the cues in one of `FORMATS`."""
    if kind == "json":
        return json.dumps(as_json(cues), ensure_ascii=False, indent=1)
    if kind == "txt":
        return "".join(f"{' '.join(cue.text.split())}\n" for cue in cues)
    blocks = ["WEBVTT\n"] if kind == "vtt" else []
    for number, cue in enumerate(cues, 1):
        text = html.escape(cue.text, quote=False) if kind == "vtt" else cue.text.replace("-->", "→")
        times = f"{format_time(cue.start)} --> {format_time(cue.end)}"
        blocks.append(f"{number}\n{times if kind == 'vtt' else times.replace('.', ',')}\n{text}\n")
    return "\n".join(blocks)


def as_json(cues: Iterable[TimedText]) -> list[dict[str, Any]]:
    """Return the cues as the API shows them."""
    return [
        {"text": cue.text, "offset": round(cue.start, 3), "duration": round(cue.end - cue.start, 3)} for cue in cues
    ]


def _recognise_format(text: str, media_type: str, filename: str) -> str:
    suffix = filename.rpartition(".")[2].lower()
    head = text.lstrip("\ufeff \t\n")[:20]
    if head.startswith("WEBVTT"):
        return "vtt"
    if suffix in ("srt", "vtt", "json"):
        return suffix
    if media_type in MEDIA_TYPES:
        return MEDIA_TYPES[media_type]
    if media_type.endswith("json") or head.startswith(("[", "{")):
        return "json"
    if "-->" in text[:2000]:
        return "srt"
    raise UnsupportedMediaType("Choose a transcript as SubRip (.srt), WebVTT (.vtt) or JSON.")


def _parse_subtitles(text: str, kind: str) -> list[TimedText]:
    """Return the cues of SubRip or WebVTT.

    pysubs2 is not used, because it reads the identifiers and comments of WebVTT as text.
    """
    cues: list[TimedText] = []
    for block in BLANK_LINE.split(text.strip("\ufeff \t\n")):
        lines = block.split("\n")
        at = next((index for index, line in enumerate(lines) if "-->" in line), None)
        if at is None:
            if kind == "srt" and cues:  # a cue with an empty line
                last = cues.pop()
                cues.append(TimedText(last.start, last.end, f"{last.text}\n{clean_subtitle(block)}".strip()))
            continue
        times = TIME_LINE.match(lines[at].strip())
        if times is None:
            raise _invalid(
                f"The times of cue {len(cues) + 1} cannot be read: “{lines[at].strip()[:60]}”. Correct them."
            )
        start, end = (read_time(*times.groups()[place : place + 4]) for place in (0, 4))
        cues.append(TimedText(start, end, clean_subtitle("\n".join(lines[at + 1 :]))))
    cues = [cue for cue in cues if cue.text]
    if any(len(cue.text) > MAX_CUE_LETTERS for cue in cues):
        raise _invalid(f"A cue of this file has more than {MAX_CUE_LETTERS:,} characters. Divide it.")
    if not cues and text.strip() not in ("", "WEBVTT"):
        raise _invalid(f"This file contains no cues in the format {kind.upper()}. Export it again.")
    return cues


def read_time(hours: str | None, minutes: str, seconds: str, fraction: str) -> float:
    """Return the seconds of the groups of `TIME`."""
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + int(fraction.ljust(3, "0")) / 1000


def format_time(seconds: float) -> str:
    """Return `00:01:05.250`, as WebVTT has it."""
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def clean_subtitle(text: str) -> str:
    """Return the text of a cue without the markup of subtitle formats. Other markup stays, as text."""
    return clean_text(html.unescape(TAG.sub("", text)))


def _parse_json(text: str) -> list[TimedText]:
    try:
        items = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _invalid("This file is not valid JSON. Export it again.") from error
    return read_json_cues(items)


def read_json_cues(items: Any) -> list[TimedText]:
    """Return the cues of a JSON list of `{text, offset, duration}`. Raises `InvalidInput`."""
    if not isinstance(items, list):
        raise _invalid("Send a list of cues, each with “text”, “offset” and “duration”.")
    if len(items) > MAX_CUES:
        raise _invalid(f"This list has {len(items):,} cues. The most that Sage takes are {MAX_CUES:,}.")
    cues = []
    for number, item in enumerate(items, 1):
        values: dict[str, Any] = item if isinstance(item, dict) else {}
        text, offset, duration = values.get("text"), values.get("offset"), values.get("duration")
        if not isinstance(text, str) or not _is_seconds(offset) or not _is_seconds(duration):
            raise _invalid(f"Cue {number} needs “text”, “offset” and “duration”, both in seconds from 0.")
        if "\x00" in text:
            raise _invalid(f"Cue {number} contains a NUL character. Remove it.")
        if len(text) > MAX_CUE_LETTERS:
            raise _invalid(f"Cue {number} has more than {MAX_CUE_LETTERS:,} characters. Divide it.")
        if clean := clean_text(text):
            cues.append(TimedText(offset, offset + duration, clean))
    return cues


def _is_seconds(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 10**7


def clean_text(text: str) -> str:
    """Return the text with single spaces, without empty lines and without characters that cannot be shown."""
    kept = (
        letter if letter == "\n" else " " if letter.isspace() else letter
        for letter in text
        if letter.isspace() or unicodedata.category(letter) not in HIDDEN_CATEGORIES
    )
    lines = (" ".join(line.split()) for line in "".join(kept).strip("\ufeff").split("\n"))
    return "\n".join(line for line in lines if line)


def _invalid(message: str) -> InvalidInput:
    return InvalidInput.field("file", message, "invalid")
