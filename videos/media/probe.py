"""What a file says of itself, read without decoding more than one frame."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from videos.media import tone
from videos.media.errors import MediaError
from videos.media.frames import decode
from videos.media.opening import (
    CUT_SHORT,
    MAX_DURATION_SECONDS,
    frame_rate,
    open_container,
    pixel_aspect,
    video_stream,
)
from videos.media.sound import UNKNOWN, SoundTrack, sound_tracks
from videos.media.stills import displayed_size, quarter_turns

PRIMARIES = {1: "BT.709", 5: "BT.601", 6: "BT.601", 9: "BT.2020", 11: "DCI-P3", 12: "Display P3"}  # by H.273
TRANSFERS = {tone.PQ: "PQ", tone.HLG: "HLG"}
UNSET_CLOCK_YEAR = 1970  # what encoders write that know no time


@dataclass(frozen=True, slots=True)
class Probe:
    """Facts about one video file; sizes as displayed, times in seconds, rates in frames and bits a second.

    `audio` tells of each sound track and `audio_codec` is that of the one that is heard; `rotation` is clockwise, in
    degrees; `dynamic_range` is SDR, PQ or HLG.
    """

    container: str
    video_codec: str
    audio_codec: str | None
    width: int
    height: int
    rotation: int
    frame_rate: float
    duration: float
    pixel_format: str
    bit_depth: int
    bit_rate: int | None
    created_at: str | None
    audio_tracks: int
    audio: tuple[SoundTrack, ...]
    primaries: str | None
    dynamic_range: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def probe(path: str) -> Probe:
    """Raises MediaError, with a sentence for the user, where the file holds no video that Sage can use."""
    with open_container(path) as container:
        stream = video_stream(container)
        frame = _first_frame(container, stream)
        turns = quarter_turns(frame)
        width, height = displayed_size(frame.width, frame.height, pixel_aspect(stream), turns)
        tracks = sound_tracks(container)
        return Probe(
            container=container.format.name.split(",")[0],
            video_codec=stream.codec_context.codec.canonical_name,
            audio_codec=next((track.codec for track in tracks if track.is_default), UNKNOWN) if tracks else None,
            width=width,
            height=height,
            rotation=(360 - 90 * turns) % 360,
            frame_rate=float(frame_rate(stream) or 0),
            duration=duration_seconds(container, stream),
            pixel_format=frame.format.name,
            bit_depth=max(component.bits for component in frame.format.components),
            bit_rate=container.bit_rate or stream.bit_rate or None,
            created_at=_created_at(container, stream),
            audio_tracks=len(container.streams.audio),
            audio=tuple(tracks),
            primaries=PRIMARIES.get(int(frame.color_primaries or 0)),
            dynamic_range=TRANSFERS.get(int(frame.color_trc or 0), "SDR"),
        )


def _first_frame(container: InputContainer, stream: VideoStream) -> VideoFrame:
    for _, frame in decode(container, stream):
        return frame
    raise MediaError(CUT_SHORT)


def duration_seconds(container: InputContainer, stream: VideoStream) -> float:
    """Declared length of the picture; one frame's length where the file declares none."""
    if stream.duration and stream.time_base:
        seconds = float(stream.duration * stream.time_base)
    elif container.duration:
        seconds = container.duration / av.time_base
    else:
        seconds = 1.0 / float(frame_rate(stream) or 25)
    if seconds <= 0:
        raise MediaError(CUT_SHORT)
    if seconds > MAX_DURATION_SECONDS:
        raise MediaError("This video is longer than 24 hours. Cut it into shorter parts.")
    return seconds


def _created_at(container: InputContainer, stream: VideoStream) -> str | None:
    """The recording's own time stamp in ISO 8601, where it has one that can be read."""
    text = container.metadata.get("creation_time") or stream.metadata.get("creation_time")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    if moment.year <= UNSET_CLOCK_YEAR:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
