"""Moments at even distances, at most so many, of a video whose length nobody knows for certain beforehand."""

SLACK_SECONDS = 1e-6


class Spacing:
    """Says which frames to keep something of: the first, then one every so often.

    Once `most` are kept, every other one goes and the distance doubles. So a header that lies about the duration, or
    says nothing of it, neither leaves the end out nor makes more than `most`.
    """

    def __init__(self, every_seconds: float, most: int) -> None:
        self.every_seconds = every_seconds
        self.most = most
        self.moments: list[float] = []

    def is_due(self, seconds: float) -> bool:
        if not self.moments:
            return True
        passed = (self.moments[-1] + SLACK_SECONDS) // self.every_seconds
        return seconds >= (passed + 1) * self.every_seconds - SLACK_SECONDS

    def keep(self, seconds: float) -> None:
        self.moments.append(seconds)

    def is_full(self) -> bool:
        """Whether `thin` is to be called, by whoever keeps the things themselves, before anything else is kept."""
        return len(self.moments) >= self.most

    def thin(self) -> None:
        """Let every other moment go, from the second on."""
        del self.moments[1::2]
        self.every_seconds *= 2
