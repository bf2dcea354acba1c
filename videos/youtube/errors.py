"""Define why something could not be fetched from YouTube."""


class YouTubeUnreachable(Exception):
    """YouTube blocks this machine, asks for too few requests, or cannot be reached. Another machine may succeed."""


class YouTubeRefused(Exception):
    """YouTube does not give out this video or its captions. The message says why and what to do."""
