"""Say in plain sentences why YouTube did not give out a video. This module imports no Django code."""

from videos.youtube.errors import YouTubeRefused, YouTubeUnreachable

INSTEAD = "Upload a transcript instead."
NO_CAPTIONS = f"This video has no captions on YouTube. {INSTEAD}"
AGE_RESTRICTED = f"YouTube shows this video only to signed-in adults, so Sage cannot read it. {INSTEAD}"
PRIVATE = f"This video is private, so YouTube does not show it to Sage. {INSTEAD}"
REMOVED = f"YouTube does not have this video. It was removed, or the address is wrong. {INSTEAD}"
MEMBERS = f"YouTube shows this video only to paying members, so Sage cannot read it. {INSTEAD}"
REGION = f"YouTube does not show this video in the country of this site. {INSTEAD}"
NOT_BEGUN = "This live stream or premiere has not begun. Retry when it has."
LIVE = "This video is live. Retry when the stream has ended, because YouTube then publishes its captions."
UNPLAYABLE = f"YouTube does not play this video, so Sage cannot read it. {INSTEAD}"
BLOCKED = "YouTube blocks the requests of this site at the moment. Sage tries again, or upload a transcript."
UNREACHABLE = "Sage cannot reach YouTube at the moment. Sage tries again, or upload a transcript."
UNEXPECTED = "YouTube sent an answer that Sage does not understand. Sage tries again, or upload a transcript."

# Parts of YouTube's own messages, in lower case with straight quotes. The first match counts.
TEMPORARY = (
    "not a bot",
    "429",
    "too many requests",
    "rate-limited",
    "captcha",
    "ip is likely being blocked",
    "ip address has been blocked",
    "http error 403",
)
FINAL = (
    ("private", PRIVATE),
    ("age", AGE_RESTRICTED),
    ("inappropriate", AGE_RESTRICTED),
    ("members", MEMBERS),
    ("payment", MEMBERS),
    ("country", REGION),
    ("removed", REMOVED),
    ("terminated", REMOVED),
    ("unavailable", REMOVED),
    ("no longer available", REMOVED),
    ("not available", REMOVED),
    ("will begin", NOT_BEGUN),
    ("premieres", NOT_BEGUN),
    ("offline", NOT_BEGUN),
)


def explain_reason(reason: str) -> YouTubeRefused | YouTubeUnreachable:
    """Return the error for YouTube's reason why it does not play a video."""
    words = reason.lower().replace("’", "'")
    if any(part in words for part in TEMPORARY):
        return YouTubeUnreachable(BLOCKED)
    padded = f" {words} "
    for part, sentence in FINAL:
        if (f" {part}" if part == "age" else part) in padded:
            return YouTubeRefused(sentence)
    return YouTubeRefused(UNPLAYABLE)
