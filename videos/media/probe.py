"""Read facts about a video file, decoding at most one frame."""

import re
import struct
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import av
from av.container import InputContainer
from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from videos.media import tonemap
from videos.media.audio import UNKNOWN, AudioTrack, list_audio_tracks
from videos.media.demux import (
    CUT_SHORT,
    MAX_DURATION_SECONDS,
    find_video_stream,
    frame_rate,
    open_container,
    pixel_aspect,
)
from videos.media.errors import MediaError
from videos.media.frames import decode_frames
from videos.media.stills import displayed_size, quarter_turns
from videos.media.transcription.subtitles import find_text_streams

PRIMARIES = {
    1: "BT.709",
    5: "BT.601",
    6: "BT.601",
    9: "BT.2020",
    11: "DCI-P3",
    12: "Display P3",
}  # colour primaries as numbered in ITU-T H.273
TRANSFER_NAMES = {
    1: "BT.709",
    4: "gamma 2.2",
    5: "gamma 2.8",
    6: "BT.601",
    8: "linear",
    13: "sRGB",
    14: "BT.2020",
    15: "BT.2020",
    16: "PQ",
    18: "HLG",
}  # transfer characteristics, as there
MATRICES = {0: "RGB", 1: "BT.709", 5: "BT.601", 6: "BT.601", 7: "SMPTE 240M", 9: "BT.2020", 10: "BT.2020 constant"}
RANGES = {1: "limited", 2: "full"}  # as numbered by FFmpeg's AVColorRange
# FFmpeg's AVFieldOrder, by the field that is displayed first.
SCANS = {2: "interlaced, top field first", 3: "interlaced, bottom field first"}
SCANS |= {4: SCANS[3], 5: SCANS[2]}
TIMECODE = re.compile(r"\d\d:\d\d:\d\d[:;]\d\d", re.ASCII)
TRANSFERS = {tonemap.PQ: "PQ", tonemap.HLG: "HLG"}
# FFmpeg's AVMasteringDisplayMetadata: ten fractions (primaries, white point, luminances) and two flags.
MASTERING_DISPLAY = struct.Struct("=22i")
LIGHT_LEVEL = struct.Struct("=2I")  # FFmpeg's AVContentLightMetadata: MaxCLL and MaxFALL, in cd/m²
UNSET_CLOCK_YEAR = 1970  # year that encoders without a clock write


@dataclass(frozen=True, slots=True)
class Probe:
    """Facts about one video file.

    Sizes are as displayed, times in seconds, rates in frames and bits per second. `audio` lists the audio tracks, and
    `audio_codec` is that of the default track. `rotation` is clockwise in degrees. `dynamic_range` is SDR, PQ or HLG.
    `subtitle_tracks` counts those with text. `timecode` is that of the first frame, such as 01:00:00:00.
    `pixel_aspect` is width to height, such as 16:15. `primaries`, `transfer`, `matrix` and `color_range` are tags of
    ITU-T H.273, None if they are not set. `hdr` has `luminance` [darkest, brightest] of the mastering display in cd/m²,
    and `light_level` [MaxCLL, MaxFALL], as far as the first frame carries them.
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
    audio: tuple[AudioTrack, ...]
    subtitle_tracks: int
    primaries: str | None
    dynamic_range: str
    timecode: str | None
    profile: str | None
    pixel_aspect: str
    scan: str
    transfer: str | None
    matrix: str | None
    color_range: str | None
    hdr: dict[str, list[float]]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def probe_video(path: str) -> Probe:
    """Return facts about the video at `path`.

    Raises MediaError with a message for the user if the file has no video that Sage can use.
    """
    with open_container(path) as container:
        stream = find_video_stream(container)
        frame = _decode_first_frame(container, stream)
        turns = quarter_turns(frame)
        width, height = displayed_size(frame.width, frame.height, pixel_aspect(stream), turns)
        tracks = list_audio_tracks(container)
        return Probe(
            container=container.format.name.split(",")[0],
            video_codec=stream.codec_context.codec.canonical_name,
            audio_codec=next((track.codec for track in tracks if track.is_default), UNKNOWN) if tracks else None,
            width=width,
            height=height,
            rotation=(360 - 90 * turns) % 360,
            frame_rate=float(frame_rate(stream) or 0),
            duration=read_duration(container, stream),
            pixel_format=frame.format.name,
            bit_depth=max(component.bits for component in frame.format.components),
            bit_rate=container.bit_rate or stream.bit_rate or None,
            created_at=_read_creation_time(container, stream),
            audio_tracks=len(container.streams.audio),
            audio=tuple(tracks),
            subtitle_tracks=len(find_text_streams(container)),
            primaries=PRIMARIES.get(int(frame.color_primaries or 0)),
            dynamic_range=TRANSFERS.get(int(frame.color_trc or 0), "SDR"),
            timecode=_read_timecode(container, stream),
            profile=stream.codec_context.profile,
            pixel_aspect=_read_pixel_aspect(stream),
            scan=_read_scan(stream, frame),
            transfer=TRANSFER_NAMES.get(int(frame.color_trc or 0)),
            matrix=MATRICES.get(int(frame.colorspace)),
            color_range=RANGES.get(int(frame.color_range)),
            hdr=_read_hdr(frame),
        )


def _decode_first_frame(container: InputContainer, stream: VideoStream) -> VideoFrame:
    for _, frame in decode_frames(container, stream):
        return frame
    raise MediaError(CUT_SHORT)


def read_duration(container: InputContainer, stream: VideoStream) -> float:
    """Return the declared seconds of the picture, or one frame's duration if none is declared.

    Raises MediaError if the duration is not positive or longer than 24 hours.
    """
    if stream.duration and stream.time_base:
        seconds = float(stream.duration * stream.time_base)
    elif container.duration:
        seconds = container.duration / av.time_base
    else:
        seconds = 1.0 / float(frame_rate(stream) or 25)
    if seconds <= 0:
        raise MediaError(CUT_SHORT)
    if seconds > MAX_DURATION_SECONDS:
        raise MediaError("This video is longer than 24 hours. Split it into shorter parts.")
    return seconds


def _read_pixel_aspect(stream: VideoStream) -> str:
    ratio = stream.sample_aspect_ratio
    return f"{ratio.numerator}:{ratio.denominator}" if ratio else "1:1"


def _read_scan(stream: VideoStream, frame: VideoFrame) -> str:
    order = SCANS.get(int(stream.codec_context.field_order))
    return order or ("interlaced" if frame.interlaced_frame else "progressive")


def _read_hdr(frame: VideoFrame) -> dict[str, list[float]]:
    """Return the mastering luminance and the light level of SMPTE ST 2086 and CTA-861.3 that a frame carries."""
    hdr: dict[str, list[float]] = {}
    if display := _read_side_data(frame, Type.MASTERING_DISPLAY_METADATA):
        numbers = MASTERING_DISPLAY.unpack(display[: MASTERING_DISPLAY.size])
        darkest, brightest = numbers[16:18], numbers[18:20]
        if numbers[21] and darkest[1] and brightest[1]:
            hdr["luminance"] = [darkest[0] / darkest[1], brightest[0] / brightest[1]]
    if light := _read_side_data(frame, Type.CONTENT_LIGHT_LEVEL):
        hdr["light_level"] = list(LIGHT_LEVEL.unpack(light[: LIGHT_LEVEL.size]))
    return hdr


def _read_side_data(frame: VideoFrame, kind: Type) -> bytes:
    try:
        return bytes(frame.side_data[kind])  # type: ignore[literal-required]  # the stub knows one key only
    except KeyError:
        return b""


def _read_timecode(container: InputContainer, stream: VideoStream) -> str | None:
    """Return the start timecode of the video stream, of a timecode track or of the container."""
    tags = (stream.metadata, *(each.metadata for each in container.streams.data), container.metadata)
    text = next((tag["timecode"] for tag in tags if tag.get("timecode")), "")
    return text if TIMECODE.fullmatch(text) else None


def _read_creation_time(container: InputContainer, stream: VideoStream) -> str | None:
    """Return the recording time in ISO 8601, or None if it is missing or unreadable."""
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
