"""Which videos browsers play as they are. No decoder is needed to say so."""

from typing import Any

PLAYED: dict[str, tuple[dict[str, set[str]], set[str]]] = {  # container: pictures by codec, and sounds
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
    """By what the probe found (see `Probe`)."""
    pictures, sounds = PLAYED.get(facts["container"], ({}, set()))
    sound_plays = facts["audio_codec"] is None or facts["audio_codec"] in sounds
    return facts["pixel_format"] in pictures.get(facts["video_codec"], set()) and sound_plays
