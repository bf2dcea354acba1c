"""Choose the timecode that counts the frames of a video."""

from dataclasses import dataclass

EDL_RATES = (24, 25, 30, 48, 50, 60)  # frames per second that timecode counts
DEFAULT_EDL_RATE = 25
RATE_TOLERANCE = 0.02  # frames per second; 23.976 counts as 24


@dataclass(frozen=True, slots=True)
class Timecode:
    """A timecode that counts `rate` frames per second of a video with `exact` frames per second."""

    rate: int
    exact: float

    def frame(self, moment: float) -> int:
        return round(moment * self.exact)

    def convert(self, moment: float, rate: int) -> int:
        """Return the frame number at `rate` that is written as this timecode: 00:01:12 at 25 is frame 42 at 30.

        If the rate is lower, several frames share a number, as at 50 frames per second on tapes that count 25.
        """
        second, frame = divmod(self.frame(moment), self.rate)
        return second * rate + (frame if self.rate <= rate else frame * rate // self.rate)


def choose_timecode(rate: float) -> Timecode:
    """Return a timecode that numbers each frame, or a multiple of it: 12 frames per second count as 24."""
    for known in EDL_RATES:
        times = round(known / rate) if rate else 0
        if times and abs(known / rate - times) < RATE_TOLERANCE:
            return Timecode(known, rate * times)
    return Timecode(DEFAULT_EDL_RATE, float(DEFAULT_EDL_RATE))
