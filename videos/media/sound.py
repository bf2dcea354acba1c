"""The sound tracks of a file: what each says of itself, and which one is heard."""

from dataclasses import dataclass

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition

MOST_TRACKS = 64
MOST_LETTERS = 80
GAP_SECONDS = 0.02  # frames of sound whose times are less apart than this follow each other
UNKNOWN = "unknown"  # a codec that no decoder here knows


@dataclass(frozen=True, slots=True)
class SoundTrack:
    """`language` as the file writes it (ISO 639-2 in most); `is_default` is the track that plays unless one chooses."""

    codec: str
    channels: int
    sample_rate: int
    language: str | None
    title: str | None
    is_default: bool


def heard_stream(container: InputContainer) -> AudioStream | None:
    """The track that players play by themselves: the first marked as default, else the first; None without a decoder.

    Copies for browsers keep this one, and the waveform is of it.
    """
    tracks = [track for track in container.streams.audio if _is_decodable(track)]
    marked = (track for track in tracks if track.disposition & Disposition.default)
    return next(marked, tracks[0] if tracks else None)


def sound_tracks(container: InputContainer) -> list[SoundTrack]:
    heard = heard_stream(container)
    return [
        SoundTrack(
            codec=_codec(track),
            channels=track.codec_context.channels if _is_decodable(track) else 0,
            sample_rate=track.codec_context.sample_rate if _is_decodable(track) else 0,
            language=_said(track, "language"),
            title=_said(track, "title"),
            is_default=heard is not None and track.index == heard.index,
        )
        for track in container.streams.audio[:MOST_TRACKS]
    ]


def _is_decodable(track: AudioStream) -> bool:
    return track.codec_context is not None


def _codec(track: AudioStream) -> str:
    return track.codec_context.codec.canonical_name if _is_decodable(track) else UNKNOWN


def _said(track: AudioStream, name: str) -> str | None:
    text = track.metadata.get(name, "").strip()[:MOST_LETTERS]
    return None if text in ("", "und") else text
