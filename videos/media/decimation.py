"""Select evenly spaced moments, limited in number, of a video whose duration is unknown."""

SLACK_SECONDS = 1e-6  # seconds of tolerance for rounded times


class Decimation:
    """Select the first frame, and then one per interval.

    When `most` moments are selected, every second one is removed and the interval doubles. The result reaches the end
    of the video and stays limited even if the header declares a wrong duration or none.
    """

    def __init__(self, every_seconds: float, most: int) -> None:
        self.every_seconds = every_seconds
        self.most = most
        self.moments: list[float] = []

    def is_due(self, seconds: float) -> bool:
        """Return whether a frame at `seconds` should be selected."""
        if not self.moments:
            return True
        passed = (self.moments[-1] + SLACK_SECONDS) // self.every_seconds
        return seconds >= (passed + 1) * self.every_seconds - SLACK_SECONDS

    def keep(self, seconds: float) -> None:
        """Record that a frame at `seconds` was selected."""
        self.moments.append(seconds)

    def is_full(self) -> bool:
        """Return whether the caller must call `thin` before it keeps another moment."""
        return len(self.moments) >= self.most

    def thin(self) -> None:
        """Remove every second moment and double the interval."""
        del self.moments[1::2]
        self.every_seconds *= 2
