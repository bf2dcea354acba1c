"""Read and write SMPTE timecode (SMPTE ST 12-1), with and without drop-frame."""

import re
from dataclasses import dataclass, replace

from videos.conform.items import refuse
from videos.diff.export.timecode import DEFAULT_EDL_RATE, choose_timecode

TIMECODE = re.compile(r"(\d\d)[:;](\d\d)[:;](\d\d)([:;.,])(\d\d)", re.ASCII)
DROP_RATES = (30, 60)  # that drop-frame timecode counts, for 29.97 and 59.94 frames per second
HOUR_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Reel:
    """The timecode of a video: `rate` frames per second are counted, `exact` are shown. `start` is in frames."""

    rate: int
    exact: float
    is_drop: bool = False
    start: int = 0

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
        if self.rate not in DROP_RATES or abs(self.exact - self.rate) < 0.01:
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
        """Return the reel with the start that a file with the frame number `first` implies.

        Sage does not know the start timecode of a video, and editing programs commonly start at a whole hour. If the
        first frame number is after the end of the video, the start is the hour before it.
        """
        if first <= round(duration * self.exact):
            return self
        hour = next((hour for hour in range(99, 0, -1) if self._count_hours(hour) <= first), 0)
        return replace(self, start=self._count_hours(hour))

    def sharing_start(self, other: "Reel") -> "Reel":
        """Return the reel with the start of another reel, which is a whole hour or 0."""
        hours = round(other.start / (HOUR_SECONDS * other.rate))
        return replace(self, start=self._count_hours(hours))

    def _count_hours(self, hours: int) -> int:
        return self.count_frames(f"{hours:02d}:00:00{';' if self.is_drop else ':'}00")


def build_reel(rate: float | None) -> Reel:
    """Return the reel of a video with `rate` frames per second, without a start."""
    timecode = choose_timecode(rate or DEFAULT_EDL_RATE)
    return Reel(timecode.rate, timecode.exact)


def as_drop_frame(reel: Reel) -> Reel:
    """Return the reel with drop-frame timecode, if its rate has one."""
    is_possible = reel.rate in DROP_RATES and abs(reel.exact - reel.rate) >= 0.01
    return replace(reel, is_drop=is_possible)
