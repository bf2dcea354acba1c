"""Write notes as markers for editing programs: EDL, FCP7 XML, FCPXML and Avid locators.

The formats are written part by part, without OpenTimelineIO, because its adapters keep a whole timeline in memory and
the web process does not load it. The tests read them with its adapters. Times start at the timecode of the file, and
at 00:00:00:00 if it has none.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from xml.sax.saxutils import escape, quoteattr

from notes.ai.wording import clean_line
from notes.models import Note
from videos.conform.timecode import build_reel
from videos.models import Video

DEFAULT_RATE = 25.0  # frames per second of a video whose rate is unknown
RATE_TOLERANCE = 0.01  # frames per second; 23.98 counts as 24000/1001
FRAME_TOLERANCE = 0.05  # frames; times are rounded to milliseconds
MAX_NAME = 200  # characters of a marker's text; the rest is left out
UNTITLED = "Note"


@dataclass(frozen=True, slots=True)
class Timecode:
    """Timecode that counts `base` frames per second at the exact rate `rate`, from the frame number `start`."""

    rate: Fraction
    base: int
    drops: bool = False
    start: int = 0

    @classmethod
    def of_file(cls, frame_rate: float | None, label: str | None = None) -> "Timecode":
        """Return the timecode of a video whose file starts with the timecode `label`.

        Unusual rates are rounded to whole frames per second. Without a label, 29.97 and 59.94 use drop-frame.
        """
        wanted = frame_rate or DEFAULT_RATE
        base = max(1, round(wanted))
        reduced = Fraction(base * 1000, 1001)
        exact = reduced if abs(wanted - reduced) < min(RATE_TOLERANCE, abs(wanted - base)) else Fraction(base)
        reel = build_reel(frame_rate, label)
        if reel.label:
            shown = reel.start if reel.rate == base else round(reel.start / reel.exact * exact)
            return cls(exact, base, reel.is_drop and reel.rate == base, shown)
        return cls(exact, base, drops=exact != base and base % 30 == 0)

    @property
    def is_reduced(self) -> bool:
        return self.rate.denominator != 1

    def frame(self, seconds: float) -> int:
        """Return the number of the frame that is shown at a time, from 0 at the start of the video."""
        return max(0, math.floor(float(seconds * self.rate) + FRAME_TOLERANCE))

    def format(self, frame: int) -> str:
        """Return `hh:mm:ss:ff`, or `hh:mm:ss;ff` for drop-frame (SMPTE ST 12-1), which skips numbers, not frames."""
        frame += self.start
        if self.drops:
            skipped = self.base // 15  # numbers at each minute, except each tenth
            minute = 60 * self.base - skipped
            tens, rest = divmod(frame, 10 * minute + skipped)
            frame += 9 * skipped * tens + (skipped * ((rest - skipped) // minute) if rest >= skipped else 0)
        seconds, rest = divmod(frame, self.base)
        separator = ";" if self.drops else ":"
        return f"{seconds // 3600 % 24:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{separator}{rest:02d}"


class MarkerWriter:
    """The parts that all formats share. `last_seconds` is the end of the last note."""

    def __init__(self, video: Video, last_seconds: float) -> None:
        self.timecode = Timecode.of_file(video.frame_rate, video.metadata.get("timecode"))
        self.title = clean_line(video.shown_title)[:MAX_NAME] or "Video"
        self.width, self.height = video.width or 1920, video.height or 1080
        self.length = max(self.timecode.frame(video.duration or 0.0), self.timecode.frame(last_seconds) + 1)

    def read_span(self, note: Note) -> tuple[int, int]:
        """Return the first frame of a note, and the number of its frames."""
        start = self.timecode.frame(note.seconds)
        return start, 1 if note.end_seconds is None else max(1, self.timecode.frame(note.end_seconds) - start)

    def read_text(self, note: Note) -> str:
        return clean_line(note.text or "")[:MAX_NAME].strip() or UNTITLED

    def end(self) -> str:
        return ""


class EdlWriter(MarkerWriter):
    """A CMX 3600 EDL of one event, the whole video, with a locator for each note: green if it is done, else red.

    Locators are written with colons, also in drop-frame, because readers know no others. The FCM line names the mode.
    """

    def begin(self) -> str:
        mode = "DROP FRAME" if self.timecode.drops else "NON-DROP FRAME"
        span = f"{self.timecode.format(0)} {self.timecode.format(self.length)}"
        event = f"001  AX       V     C        {span} {span}\n* FROM CLIP NAME: {self.title}\n"
        return f"TITLE: {self.title[:70]}\nFCM: {mode}\n\n{event}"

    def write(self, note: Note) -> str:
        start, _ = self.read_span(note)
        time = self.timecode.format(start).replace(";", ":")
        return f"* LOC: {time} {'GREEN' if note.done else 'RED':7} {self.read_text(note)}\n"


class AvidWriter(MarkerWriter):
    """Locators of Avid Media Composer: user, timecode, track, colour, text and number of frames, separated by tabs."""

    def begin(self) -> str:
        return ""

    def write(self, note: Note) -> str:
        start, count = self.read_span(note)
        user = clean_line(note.author_name) or "Sage"
        colour = "green" if note.done else "red"
        return "\t".join((user, self.timecode.format(start), "V1", colour, self.read_text(note), str(count))) + "\n"


class Fcp7Writer(MarkerWriter):
    """A sequence of Final Cut Pro 7 XML with markers, which Premiere Pro and DaVinci Resolve import."""

    def begin(self) -> str:
        ntsc = "TRUE" if self.timecode.is_reduced else "FALSE"
        rate = f"<rate><timebase>{self.timecode.base}</timebase><ntsc>{ntsc}</ntsc></rate>"
        mode = "DF" if self.timecode.drops else "NDF"
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n<xmeml version="5">\n<sequence id="notes">\n'
            f"<name>{escape(self.title)}</name>\n<duration>{self.length}</duration>\n{rate}\n"
            f"<timecode>{rate}<string>{self.timecode.format(0)}</string><frame>{self.timecode.start}</frame>"
            f"<displayformat>{mode}</displayformat></timecode>\n"
            "<media><video><format><samplecharacteristics>"
            f"{rate}<width>{self.width}</width><height>{self.height}</height>"
            "</samplecharacteristics></format><track></track></video></media>\n"
        )

    def write(self, note: Note) -> str:
        start, count = self.read_span(note)
        last = -1 if note.end_seconds is None else start + count
        red, green = (0, 255) if note.done else (255, 0)
        text = escape(self.read_text(note))
        return (
            f"<marker><name>{text}</name><comment>{text}</comment><in>{start}</in><out>{last}</out>"
            f"<color><alpha>0</alpha><red>{red}</red><green>{green}</green><blue>0</blue></color></marker>\n"
        )

    def end(self) -> str:
        return "</sequence>\n</xmeml>\n"


class FcpxmlWriter(MarkerWriter):
    """A project of Final Cut Pro with to-do markers, which are completed where the note is done."""

    def begin(self) -> str:
        mode = "DF" if self.timecode.drops else "NDF"
        length, name = self.format_frames(self.length), quoteattr(self.title)
        first = self.format_frames(self.timecode.start)
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n<fcpxml version="1.9">\n<resources>'
            f'<format id="r1" frameDuration="{self.format_frames(1)}" width="{self.width}" height="{self.height}"/>'
            f'</resources>\n<library><event name="Notes"><project name={name}>'
            f'<sequence format="r1" duration="{length}" tcStart="{first}" tcFormat="{mode}"><spine>'
            f'<gap name={name} offset="{first}" start="{first}" duration="{length}">\n'
        )

    def write(self, note: Note) -> str:
        start, count = self.read_span(note)
        return (
            f'<marker start="{self.format_frames(self.timecode.start + start)}" duration="{self.format_frames(count)}" '
            f'value={quoteattr(self.read_text(note))} completed="{int(note.done)}"/>\n'
        )

    def end(self) -> str:
        return "</gap></spine></sequence></project></event></library>\n</fcpxml>\n"

    def format_frames(self, count: int) -> str:
        """Return a time as a fraction of a second that is a whole number of frames: `1001/30000s`."""
        return f"{count * self.timecode.rate.denominator}/{self.timecode.rate.numerator}s"


MARKER_WRITERS: dict[str, type[EdlWriter | AvidWriter | Fcp7Writer | FcpxmlWriter]] = {
    "edl": EdlWriter,
    "fcp7xml": Fcp7Writer,
    "fcpxml": FcpxmlWriter,
    "avid": AvidWriter,
}
ENDINGS = {"fcp7xml": "xml", "avid": "txt"}
