"""Decide which videos browsers can play as they are, without loading a decoder."""

from typing import Any

# By container: pixel formats by video codec, and audio codecs.
PLAYABLE_CODECS: dict[str, tuple[dict[str, set[str]], set[str]]] = {
    "mov": (
        {"h264": {"yuv420p", "yuvj420p"}, "av1": {"yuv420p", "yuv420p10le"}, "vp9": {"yuv420p"}},
        {"aac", "mp3", "opus", "flac"},
    ),
    "matroska": (
        {"vp8": {"yuv420p"}, "vp9": {"yuv420p"}, "av1": {"yuv420p", "yuv420p10le"}},
        {"opus", "vorbis"},
    ),
}


def plays_in_browsers(facts: dict[str, Any]) -> bool:
    """Return whether browsers play a video with these facts (see `probe.Probe`)."""
    pixel_formats, audio_codecs = PLAYABLE_CODECS.get(facts["container"], ({}, set()))
    audio_plays = facts["audio_codec"] is None or facts["audio_codec"] in audio_codecs
    return facts["pixel_format"] in pixel_formats.get(facts["video_codec"], set()) and audio_plays
