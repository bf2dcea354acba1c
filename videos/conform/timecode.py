"""Read and write SMPTE timecode (SMPTE ST 12-1), with and without drop-frame."""

import re
from contextlib import suppress
from dataclasses import dataclass, replace

from sage.errors import InvalidInput
from videos.conform.items import refuse
from videos.diff.export.timecode import DEFAULT_EDL_RATE, RATE_TOLERANCE, choose_timecode

TIMECODE = re.compile(r"(\d\d)[:;](\d\d)[:;](\d\d)([:;.,])(\d\d)", re.ASCII)
DROP_RATES = (30, 60)  # that drop-frame timecode counts, for 29.97 and 59.94 frames per second


@dataclass(frozen=True, slots=True)
class Reel:
    """The timecode of a video: `rate` frames per second are counted, `exact` are shown.

    `label` is the timecode that the file of the video starts with, empty if it has none. `start` is its frame number.
    """

    rate: int
    exact: float
    label: str = ""
    is_drop: bool = False
    start: int = 0

    def counting(self, *, is_drop: bool) -> "Reel":
        """Return the reel with or without drop-frame. Only 29.97 and 59.94 frames per second have drop-frame."""
        is_possible = self.rate in DROP_RATES and abs(self.exact - self.rate) >= RATE_TOLERANCE / 2
        reel = replace(self, is_drop=is_drop and is_possible, start=0)
        with suppress(InvalidInput):  # a file may have a timecode of another rate
            return replace(reel, start=reel.count_label(self.label)) if self.label else reel
        return replace(reel, label="")

    def read(self, text: str, is_drop: bool | None = None) -> float:
        """Return the seconds from the start of the video. Raises `InvalidInput` if there is no such timecode.

        A semicolon before the frames means drop-frame, as does `is_drop`.
        """
        return (self.count_frames(text, is_drop) - self.start) / self.exact

    def count_frames(self, text: str, is_drop: bool | None = None) -> int:
        match = TIMECODE.fullmatch(text)
        if match is None:
            raise refuse(f"“{text[:30]}” is no timecode. Write it as 01:00:05:12.")
        hours, minutes, seconds, frames = (int(match[group]) for group in (1, 2, 3, 5))
        if minutes >= 60 or seconds >= 60 or frames >= self.rate:
            raise refuse(
                f"There is no timecode {text} at {self.rate} frames per second, the rate of video A. "
                "Export the file at that rate."
            )
        total = ((hours * 60 + minutes) * 60 + seconds) * self.rate + frames
        if not (match[4] == ";" if is_drop is None else is_drop or match[4] == ";"):
            return total
        if self.rate not in DROP_RATES or abs(self.exact - self.rate) < RATE_TOLERANCE / 2:
            raise refuse(
                f"This file has drop-frame timecode, but video A has {self.exact:g} frames per second. "
                "Export the file without drop-frame."
            )
        elapsed = hours * 60 + minutes
        return total - self._dropped * (elapsed - elapsed // 10)

    def write(self, seconds: float) -> str:
        """Return the timecode of a moment in seconds from the start of the video."""
        return self.format_frames(self.start + round(seconds * self.exact))

    def format_frames(self, frames: int) -> str:
        frames = max(frames, 0)
        if self.is_drop:
            per_minute, per_ten = self.rate * 60 - self._dropped, self.rate * 600 - self._dropped * 9
            tens, rest = divmod(frames, per_ten)
            frames += self._dropped * 9 * tens
            if rest >= self.rate * 60:  # the first of ten minutes drops none
                frames += self._dropped * (1 + (rest - self.rate * 60) // per_minute)
        seconds, frame = divmod(frames, self.rate)
        minutes, second = divmod(seconds, 60)
        hours, minute = divmod(minutes, 60)
        return f"{hours % 24:02d}:{minute:02d}:{second:02d}{';' if self.is_drop else ':'}{frame:02d}"

    @property
    def _dropped(self) -> int:
        """The frame numbers that are dropped each minute, except each tenth."""
        return self.rate // 15

    def starting_before(self, first: int, duration: float) -> "Reel":
        """Return the reel with the start that a file with the frame number `first` implies, if it is not known.

        Editing programs commonly start at a whole hour. If the first frame number is after the end of the video, the
        start is the hour before it.
        """
        count = round(duration * self.exact)
        if self.label and self.start <= first <= self.start + count:
            return self
        if first <= count:
            return replace(self, start=0)
        hours = (f"{hour:02d}:00:00:00" for hour in range(99, -1, -1))
        return replace(self, start=next(start for hour in hours if (start := self.count_label(hour)) <= first))

    def sharing_start(self, other: "Reel") -> "Reel":
        """Return the reel with the start of another reel, to the second, if its own is not known."""
        if self.label:
            return self
        return replace(self, start=self.count_label(f"{other.format_frames(other.start)[:-2]}00"))

    def count_label(self, label: str) -> int:
        """Return the frame number of a timecode, which counts as this reel does, whatever its last separator is."""
        return self.count_frames(label.replace(";", ":"), self.is_drop)


def build_reel(rate: float | None, label: str | None = None) -> Reel:
    """Return the reel of a video with `rate` frames per second and the start timecode of its file, if that has one."""
    timecode = choose_timecode(rate or DEFAULT_EDL_RATE)
    return Reel(timecode.rate, timecode.exact, label or "").counting(is_drop=";" in (label or ""))
