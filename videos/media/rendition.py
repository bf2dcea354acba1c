"""A copy of a video that every browser plays: H.264 and AAC in MP4, at most 1080p, upright, in ordinary colours."""

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

from videos.media import tone
from videos.media.errors import MediaError, pass_over
from videos.media.frames import decode
from videos.media.opening import (
    CUT_SHORT,
    MAX_DURATION_SECONDS,
    frame_rate,
    open_container,
    pixel_aspect,
    video_stream,
)
from videos.media.probe import duration_seconds
from videos.media.sound import GAP_SECONDS, heard_stream
from videos.media.stills import displayed_size, quarter_turns

LONG_SIDE, SHORT_SIDE = 1920, 1080
RGB, BT709, UNSPECIFIED = 0, 1, 2  # as H.273 numbers colours
CLOCK = Fraction(1, 90000)
INDEX_FIRST = {"movflags": "+faststart"}
SOUND_RATE = 48000
VIDEO = {"preset": "veryfast", "crf": "21", "profile": "high", "threads": "2"}
SOUND_BITS = 160_000
PROGRESS_EVERY_FRAMES = 25
UPRIGHT = {1: ["transpose=cclock"], 2: ["hflip", "vflip"], 3: ["transpose=clock"]}


def render(path: str, target: str, progress: Callable[[float], None]) -> dict[str, object]:
    """Write the copy of the video at `path` to `target`; returns its size and whether it has sound.

    Its first frame is at 0, and every frame keeps its distance from that, so that moments found in the original are
    those of the copy. Raises MediaError where nothing decodes.
    """
    with tempfile.TemporaryDirectory(prefix="sage-tone-") as folder, open_container(path) as container:
        stream = video_stream(container)
        declared = duration_seconds(container, stream)
        frames = decode(container, stream)
        first = next(frames, None)
        if first is None:
            raise MediaError(CUT_SHORT)
        origin, frame = first
        size = shown_size(frame, pixel_aspect(stream))
        with (
            av.open(target, "w", format="mp4", options=INDEX_FIRST) as out,
            open_container(path) as ears,
        ):
            pictures = _video_track(out, stream, size, frame)
            sound = _Sound(out, ears, origin)
            develop = _Darkroom(size, Path(folder))
            for count, picture in enumerate(develop.all(origin, first, frames)):
                seconds = picture.time or 0.0
                sound.until(seconds)
                out.mux(pictures.encode(picture))
                if count % PROGRESS_EVERY_FRAMES == 0:
                    progress(min(1.0, seconds / declared))
            out.mux(pictures.encode(None))
            sound.until(float("inf"))
    progress(1.0)
    return {"width": size[0], "height": size[1], "sound": sound.is_there, "bytes": Path(target).stat().st_size}


def shown_size(frame: VideoFrame, aspect: float) -> tuple[int, int]:
    """The even size, upright and in square pixels, that fits into 1080p whichever way it lies."""
    width, height = displayed_size(frame.width, frame.height, aspect, quarter_turns(frame))
    scale = min(1.0, LONG_SIDE / max(width, height), SHORT_SIDE / min(width, height))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


class _Darkroom:
    """Turns decoded frames into those of the copy, by a graph of FFmpeg's filters."""

    def __init__(self, size: tuple[int, int], folder: Path) -> None:
        self._size = size
        self._folder = folder
        self._graph: Graph | None = None
        self._made_for: tuple[int, int, str] | None = None

    def all(
        self, origin: float, first: tuple[float, VideoFrame], others: Iterator[tuple[float, VideoFrame]]
    ) -> Iterator[VideoFrame]:
        """Every frame of the copy; `origin` is the time of the first. All have one size, whatever the stream does."""
        for time, frame in chain([first], others):
            kind = (frame.width, frame.height, frame.format.name)
            if self._graph is None or kind != self._made_for:
                yield from self._rest()
                self._graph, self._made_for = self._made(frame), kind
            frame.pts, frame.time_base = round((time - origin) / CLOCK), CLOCK
            self._graph.push(frame)
            yield from _pulled(self._graph)
        yield from self._rest()

    def _rest(self) -> Iterator[VideoFrame]:
        if self._graph:
            self._graph.push(None)
            yield from _pulled(self._graph)

    def _made(self, frame: VideoFrame) -> Graph:
        turns = quarter_turns(frame)
        wide, high = self._size[::-1] if turns % 2 else self._size
        steps = ["bwdif=mode=send_frame:deint=interlaced"]
        if tone.is_hdr(frame):
            (self._folder / "tone.cube").write_text(tone.cube(int(frame.color_trc)))
            steps += [
                f"scale={wide}:{high}:flags=area:in_color_matrix=bt2020",
                "format=gbrp16le",
                f"lut3d=file={self._folder / 'tone.cube'}:interp=tetrahedral",
                "scale=out_color_matrix=bt709:out_range=tv",
            ]
        elif _is_rgb(frame):
            steps = ["format=gbrp", *steps, f"scale={wide}:{high}:flags=area:out_color_matrix=bt709:out_range=tv"]
        else:
            steps.append(f"scale={wide}:{high}:flags=area:out_range=tv")
        steps += [*UPRIGHT.get(turns, []), "setsar=1", "format=yuv420p"]
        graph = Graph()
        before = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=CLOCK, name="in"
        )
        for step in steps:
            name, _, arguments = step.partition("=")
            after = graph.add(name, arguments or None)
            before.link_to(after)
            before = after
        before.link_to(graph.add("buffersink"))
        graph.configure()
        return graph


def _pulled(graph: Graph) -> Iterator[VideoFrame]:
    with suppress(av.error.BlockingIOError, av.error.EOFError):
        while True:
            made = graph.pull()
            assert isinstance(made, VideoFrame)  # noqa: S101  for the type checker
            made.pict_type = 0
            yield made


def _is_rgb(frame: VideoFrame) -> bool:
    return frame.format.is_rgb or frame.format.has_palette


class _Sound:
    """The default sound track of the original, encoded as far as the pictures have come."""

    def __init__(self, out: OutputContainer, ears: InputContainer, origin: float) -> None:
        heard = heard_stream(ears)
        self.is_there = heard is not None
        self._frames: Iterator[Any] = iter(())
        if heard is not None:
            self._out, self._origin = out, origin
            self._track: AudioStream = out.add_stream("aac", rate=SOUND_RATE, layout="stereo")
            self._track.bit_rate = SOUND_BITS
            self._frames = _audible(ears, heard)
        self._resampler: av.AudioResampler | None = None
        self._made_for: tuple[str, str, int] | None = None
        self._next: Any = None
        self._end = 0.0  # seconds of what was encoded

    def until(self, seconds: float) -> None:
        """Encode what is heard up to that time."""
        while self.is_there:
            self._next = self._next or next(self._frames, None)
            if self._next is None:
                self._finish()
                return
            time = self._next.time
            starts = self._end if time is None else time - self._origin
            if seconds < starts <= MAX_DURATION_SECONDS:
                return
            heard, self._next = self._next, None
            if starts < self._end - GAP_SECONDS or starts > MAX_DURATION_SECONDS:
                continue  # an encoder takes no sound for a time that it has sound of
            if starts - self._end < GAP_SECONDS:
                starts = self._end
            self._end = starts + heard.samples / heard.sample_rate
            kind = (heard.format.name, heard.layout.name, heard.sample_rate)
            if kind != self._made_for:  # broadcasts change from stereo to 5.1 and back
                self._encode_rest()
                self._resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SOUND_RATE)
                self._made_for = kind
            heard.pts, heard.time_base = round(starts * SOUND_RATE), Fraction(1, SOUND_RATE)
            self._encode(heard)

    def _encode(self, heard: AudioFrame | None) -> None:
        assert self._resampler  # noqa: S101  for the type checker
        for piece in self._resampler.resample(heard):
            self._out.mux(self._track.encode(piece))

    def _encode_rest(self) -> None:
        if self._resampler:
            self._encode(None)

    def _finish(self) -> None:
        self._encode_rest()
        self._out.mux(self._track.encode(None))
        self._frames = iter(())
        self.until = lambda seconds: None  # type: ignore[method-assign]


def _audible(ears: InputContainer, track: AudioStream) -> Iterator[Any]:
    """Frames of sound; damaged ones are passed over."""
    packets = ears.demux(track)
    while True:
        try:
            packet = next(packets)
            yield from packet.decode()
        except (StopIteration, av.error.EOFError):
            return
        except (av.error.FFmpegError, ValueError) as fault:
            pass_over(fault)


def _video_track(out: OutputContainer, stream: VideoStream, size: tuple[int, int], frame: VideoFrame) -> VideoStream:
    """Labelled with the colours of the original, or with those that its high dynamic range was brought to."""
    rate = frame_rate(stream) or Fraction(25)
    track: VideoStream = out.add_stream("libx264", rate=min(max(rate, Fraction(1)), Fraction(120)), options=VIDEO)
    track.width, track.height = size
    track.pix_fmt = "yuv420p"
    context = track.codec_context
    context.time_base, context.color_range = CLOCK, ColorRange.MPEG
    if tone.is_hdr(frame):
        context.color_primaries = context.color_trc = context.colorspace = BT709
    else:
        unknown = BT709 if _is_rgb(frame) else UNSPECIFIED
        context.color_primaries, context.color_trc = (
            unknown if said == UNSPECIFIED else said for said in (frame.color_primaries, frame.color_trc)
        )
        context.colorspace = BT709 if _is_rgb(frame) else frame.colorspace
    if context.colorspace == RGB:  # which H.264 takes for frames with full chroma only, and the copy has others
        context.colorspace = BT709
    return track
