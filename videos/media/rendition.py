"""Write a copy of a video that every browser plays: H.264 and AAC in MP4, at most 1080p, upright, SDR."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream

from videos.media import scaling, tonemap
from videos.media.audio import GAP_SECONDS, find_default_audio
from videos.media.demux import (
    CUT_SHORT,
    MAX_DURATION_SECONDS,
    find_video_stream,
    frame_rate,
    open_container,
    pixel_aspect,
)
from videos.media.errors import MediaError, raise_if_out_of_memory
from videos.media.frames import decode_frames
from videos.media.probe import read_duration
from videos.media.stills import displayed_size, quarter_turns

LONG_SIDE, SHORT_SIDE = 1920, 1080  # pixels of the longer and of the shorter side, at most
RGB, BT709, UNSPECIFIED = 0, 1, 2  # matrix coefficients as numbered in ITU-T H.273
TIME_BASE = Fraction(1, 90000)  # seconds per unit of the copy's frame times
MP4_OPTIONS = {"movflags": "+faststart"}  # the index is written first, so that playback can start early
AUDIO_SAMPLE_RATE = 48000  # samples per second
VIDEO_OPTIONS = {"preset": "veryfast", "crf": "21", "profile": "high", "threads": "2"}  # options of x264
AUDIO_BIT_RATE = 160_000  # bits per second
PROGRESS_EVERY_FRAMES = 25  # frames between two reports of progress
# FFmpeg filters by quarter turns to the left.
ROTATION_FILTERS = {1: ["transpose=cclock"], 2: ["hflip", "vflip"], 3: ["transpose=clock"]}


def write_rendition(path: str, target: str, progress: Callable[[float], None]) -> dict[str, object]:
    """Write the copy of the video at `path` to `target`; return its size and whether it has sound.

    Its first frame is at 0, and every frame keeps its distance from the first, so that moments of the original are
    moments of the copy. Raises MediaError if nothing can be decoded.
    """
    with tempfile.TemporaryDirectory(prefix="sage-tone-") as folder, open_container(path) as container:
        stream = find_video_stream(container)
        declared = read_duration(container, stream)
        frames = decode_frames(container, stream)
        first = next(frames, None)
        if first is None:
            raise MediaError(CUT_SHORT)
        origin, frame = first
        size = fit_size(frame, pixel_aspect(stream))
        with (
            av.open(target, "w", format="mp4", options=MP4_OPTIONS) as out,
            open_container(path) as audio_container,
        ):
            video = _add_video_track(out, stream, size, frame)
            sound = _AudioWriter(out, audio_container, origin)
            converter = _FrameConverter(size, Path(folder))
            for count, picture in enumerate(converter.convert_frames(origin, first, frames)):
                seconds = picture.time or 0.0
                sound.encode_until(seconds)
                out.mux(video.encode(picture))
                if count % PROGRESS_EVERY_FRAMES == 0:
                    progress(min(1.0, seconds / declared))
            out.mux(video.encode(None))
            sound.encode_until(float("inf"))
    progress(1.0)
    return {"width": size[0], "height": size[1], "sound": sound.has_audio, "bytes": Path(target).stat().st_size}


def fit_size(frame: VideoFrame, aspect: float) -> tuple[int, int]:
    """Return the even size, upright and in square pixels, that fits into 1080p in either orientation."""
    width, height = displayed_size(frame.width, frame.height, aspect, quarter_turns(frame))
    scale = min(1.0, LONG_SIDE / max(width, height), SHORT_SIDE / min(width, height))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


class _FrameConverter:
    """Convert decoded frames to those of the copy, by an FFmpeg filter graph."""

    def __init__(self, size: tuple[int, int], folder: Path) -> None:
        self._size = size
        self._folder = folder
        self._graph: Graph | None = None
        self._made_for: tuple[int, int, str] | None = None

    def convert_frames(
        self, origin: float, first: tuple[float, VideoFrame], others: Iterator[tuple[float, VideoFrame]]
    ) -> Iterator[VideoFrame]:
        """Yield every frame of the copy, all of one size; `origin` is the time of the first frame."""
        for time, frame in chain([first], others):
            kind = (frame.width, frame.height, frame.format.name)
            if self._graph is None or kind != self._made_for:
                yield from self._flush()
                self._graph, self._made_for = self._build_graph(frame), kind
            frame.pts, frame.time_base = round((time - origin) / TIME_BASE), TIME_BASE
            self._graph.push(frame)
            yield from _pull_frames(self._graph)
        yield from self._flush()

    def _flush(self) -> Iterator[VideoFrame]:
        if self._graph:
            self._graph.push(None)
            yield from _pull_frames(self._graph)

    def _build_graph(self, frame: VideoFrame) -> Graph:
        turns = quarter_turns(frame)
        wide, high = self._size[::-1] if turns % 2 else self._size
        steps = ["bwdif=mode=send_frame:deint=interlaced"]
        if tonemap.is_hdr(frame):
            (self._folder / "tone.cube").write_text(tonemap.write_cube(int(frame.color_trc)))
            steps += [
                f"scale={wide}:{high}:{scaling.AREA_FILTER_FLAGS}:in_color_matrix=bt2020",
                "format=gbrp16le",
                f"lut3d=file={self._folder / 'tone.cube'}:interp=tetrahedral",
                f"scale={scaling.BICUBIC_FILTER_FLAGS}:out_color_matrix=bt709:out_range=tv",
            ]
        elif _is_rgb(frame):
            resize = f"scale={wide}:{high}:{scaling.AREA_FILTER_FLAGS}:out_color_matrix=bt709:out_range=tv"
            steps = ["format=gbrp", *steps, resize]
        else:
            steps.append(f"scale={wide}:{high}:{scaling.AREA_FILTER_FLAGS}:out_range=tv")
        steps += [*ROTATION_FILTERS.get(turns, []), "setsar=1", "format=yuv420p"]
        graph = Graph()
        before = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=TIME_BASE, name="in"
        )
        for step in steps:
            name, _, arguments = step.partition("=")
            after = graph.add(name, arguments or None)
            before.link_to(after)
            before = after
        before.link_to(graph.add("buffersink"))
        graph.configure()
        return graph


def _pull_frames(graph: Graph) -> Iterator[VideoFrame]:
    """Yield the frames that a filter graph has ready."""
    with suppress(av.error.BlockingIOError, av.error.EOFError):
        while True:
            frame = graph.pull()
            assert isinstance(frame, VideoFrame)  # noqa: S101  for the type checker
            frame.pict_type = 0
            yield frame


def _is_rgb(frame: VideoFrame) -> bool:
    return frame.format.is_rgb or frame.format.has_palette


class _AudioWriter:
    """Encode the default audio track of the original in step with the video."""

    def __init__(self, out: OutputContainer, container: InputContainer, origin: float) -> None:
        source = find_default_audio(container)
        self.has_audio = source is not None
        self._frames: Iterator[Any] = iter(())
        if source is not None:
            self._out, self._origin = out, origin
            self._track: AudioStream = out.add_stream("aac", rate=AUDIO_SAMPLE_RATE, layout="stereo")
            self._track.bit_rate = AUDIO_BIT_RATE
            self._frames = _decode_audio(container, source)
        self._resampler: av.AudioResampler | None = None
        self._made_for: tuple[str, str, int] | None = None
        self._next: Any = None
        self._end = 0.0  # seconds of what was encoded

    def encode_until(self, seconds: float) -> None:
        """Encode the audio up to `seconds`."""
        while self.has_audio:
            self._next = self._next or next(self._frames, None)
            if self._next is None:
                self._finish()
                return
            time = self._next.time
            starts = self._end if time is None else time - self._origin
            if seconds < starts <= MAX_DURATION_SECONDS:
                return
            frame, self._next = self._next, None
            if starts < self._end - GAP_SECONDS or starts > MAX_DURATION_SECONDS:
                continue  # the encoder does not accept overlapping audio
            if starts - self._end < GAP_SECONDS:
                starts = self._end
            self._end = starts + frame.samples / frame.sample_rate
            kind = (frame.format.name, frame.layout.name, frame.sample_rate)
            if kind != self._made_for:  # broadcasts switch between stereo and 5.1
                self._flush_resampler()
                self._resampler = av.AudioResampler(format="fltp", layout="stereo", rate=AUDIO_SAMPLE_RATE)
                self._made_for = kind
            frame.pts, frame.time_base = round(starts * AUDIO_SAMPLE_RATE), Fraction(1, AUDIO_SAMPLE_RATE)
            self._encode(frame)

    def _encode(self, frame: AudioFrame | None) -> None:
        assert self._resampler  # noqa: S101  for the type checker
        for piece in self._resampler.resample(frame):
            self._out.mux(self._track.encode(piece))

    def _flush_resampler(self) -> None:
        if self._resampler:
            self._encode(None)

    def _finish(self) -> None:
        self._flush_resampler()
        self._out.mux(self._track.encode(None))
        self._frames = iter(())
        self.encode_until = lambda seconds: None  # type: ignore[method-assign]


def _decode_audio(container: InputContainer, track: AudioStream) -> Iterator[Any]:
    """Yield the frames of an audio track; damaged packets are skipped."""
    packets = container.demux(track)
    while True:
        try:
            packet = next(packets)
            yield from packet.decode()
        except (StopIteration, av.error.EOFError):
            return
        except (av.error.FFmpegError, ValueError) as fault:
            raise_if_out_of_memory(fault)


def _add_video_track(
    out: OutputContainer, stream: VideoStream, size: tuple[int, int], frame: VideoFrame
) -> VideoStream:
    """Add the video track, tagged with the colours of the original, or with BT.709 if it was tone mapped."""
    rate = frame_rate(stream) or Fraction(25)
    track: VideoStream = out.add_stream(
        "libx264", rate=min(max(rate, Fraction(1)), Fraction(120)), options=VIDEO_OPTIONS
    )
    track.width, track.height = size
    track.pix_fmt = "yuv420p"
    context = track.codec_context
    context.time_base, context.color_range = TIME_BASE, ColorRange.MPEG
    if tonemap.is_hdr(frame):
        context.color_primaries = context.color_trc = context.colorspace = BT709
    else:
        unknown = BT709 if _is_rgb(frame) else UNSPECIFIED
        context.color_primaries, context.color_trc = (
            unknown if value == UNSPECIFIED else value for value in (frame.color_primaries, frame.color_trc)
        )
        context.colorspace = BT709 if _is_rgb(frame) else frame.colorspace
    if context.colorspace == RGB:  # H.264 allows this only with 4:4:4 chroma
        context.colorspace = BT709
    return track
