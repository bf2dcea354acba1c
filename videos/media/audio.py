"""List the audio tracks of a file, and select the one that plays by default."""

from dataclasses import dataclass

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition

MAX_TRACKS = 64  # audio tracks that are listed
MAX_TAG_LETTERS = 80  # characters of a language or title
GAP_SECONDS = 0.02  # seconds; audio frames with a smaller gap between them are continuous
UNKNOWN = "unknown"  # codec name of a track without a decoder


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """Facts about one audio track.

    `layout` names the channels, such as stereo or 5.1. `language` is as written in the file, usually ISO 639-2.
    `is_default` marks the track that players choose.
    """

    codec: str
    channels: int
    sample_rate: int
    layout: str | None
    language: str | None
    title: str | None
    is_default: bool


def find_default_audio(container: InputContainer) -> AudioStream | None:
    """Return the track that players choose, or None if no track can be decoded.

    It is the first track that is marked as default, otherwise the first one. The waveform and the rendition use it.
    """
    tracks = [track for track in container.streams.audio if _is_decodable(track)]
    defaults = (track for track in tracks if track.disposition & Disposition.default)
    return next(defaults, tracks[0] if tracks else None)


def list_audio_tracks(container: InputContainer) -> list[AudioTrack]:
    """Return facts about the audio tracks of a file."""
    default = find_default_audio(container)
    return [
        AudioTrack(
            codec=_codec_name(track),
            channels=track.codec_context.channels if _is_decodable(track) else 0,
            sample_rate=track.codec_context.sample_rate if _is_decodable(track) else 0,
            layout=track.codec_context.layout.name if _is_decodable(track) else None,
            language=_read_tag(track, "language"),
            title=_read_tag(track, "title"),
            is_default=default is not None and track.index == default.index,
        )
        for track in container.streams.audio[:MAX_TRACKS]
    ]


def _is_decodable(track: AudioStream) -> bool:
    return track.codec_context is not None


def _codec_name(track: AudioStream) -> str:
    return track.codec_context.codec.canonical_name if _is_decodable(track) else UNKNOWN


def _read_tag(track: AudioStream, name: str) -> str | None:
    """Return a metadata tag, or None if it is empty or undetermined."""
    text = track.metadata.get(name, "").strip()[:MAX_TAG_LETTERS]
    return None if text in ("", "und") else text
