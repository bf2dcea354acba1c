"""Read the text subtitle streams of a file."""

from dataclasses import asdict, dataclass
from typing import Any

import av
import pysubs2
from av.container import InputContainer
from av.stream import Disposition
from av.subtitles.stream import SubtitleStream

from videos.media.demux import find_video_stream, open_container

MAX_CUES = 100_000  # of one stream
MAX_STREAMS = 16
TEXT_CODECS = ("ass", "mov_text", "srt", "ssa", "subrip", "text", "webvtt")


@dataclass(frozen=True, slots=True)
class EmbeddedSubtitles:
    """The cues of one stream as [start, end, text], in seconds. `language` is as written in the file, or empty."""

    language: str
    cues: list[tuple[float, float, str]]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def read_subtitles(path: str) -> list[dict[str, Any]]:
    """Return the text subtitle streams of `path` that have cues."""
    with open_container(path) as container:
        picture = find_video_stream(container)
        origin = float((picture.start_time or 0) * picture.time_base) if picture.time_base else 0.0
        streams = find_text_streams(container)
        found = {stream.index: EmbeddedSubtitles(stream.metadata.get("language", "")[:20], []) for stream in streams}
        if streams:
            for packet in container.demux(streams):
                _add_cues(found[packet.stream.index], packet, origin)
        return [subtitles.as_dict() for subtitles in found.values() if subtitles.cues]


def find_text_streams(container: InputContainer) -> list[SubtitleStream]:
    """Return the subtitle streams with text. Streams with pictures, comments, or only foreign words are left out."""
    return [
        stream
        for stream in container.streams.subtitles[:MAX_STREAMS]
        if stream.codec_context is not None
        and stream.codec_context.name in TEXT_CODECS
        and not stream.disposition & (Disposition.forced | Disposition.comment)
    ]


def _add_cues(subtitles: EmbeddedSubtitles, packet: "av.Packet[Any]", origin: float) -> None:
    if packet.pts is None or len(subtitles.cues) >= MAX_CUES:
        return
    start = float(packet.pts * packet.time_base) - origin
    end = start + float((packet.duration or 0) * packet.time_base)
    try:
        sets = packet.decode()
    except (av.error.FFmpegError, ValueError, UnicodeDecodeError):
        return
    lines = []
    for subtitle in sets:
        dialogue = getattr(subtitle, "dialogue", b"") or getattr(subtitle, "text", b"")
        lines.append(dialogue.decode(errors="replace") if isinstance(dialogue, bytes) else dialogue)
    text = pysubs2.SSAEvent(text="\n".join(lines)).plaintext.strip()
    if text and end > max(start, 0.0):
        subtitles.cues.append((max(start, 0.0), end, text))
