"""Decode the frames of a video in presentation order with their times, or single frames by time."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Any, Protocol, TypeVar

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from videos.media.demux import CUT_SHORT, find_video_stream, frame_rate, open_container, pixel_aspect
from videos.media.errors import MediaError, raise_if_out_of_memory

T = TypeVar("T")

READ_AHEAD_FRAMES = 8  # frames that are decoded in advance
READER_THREAD = "reader"  # name of the thread that decodes in advance
MIN_STEP_SECONDS = 1e-6  # seconds; a frame closer than this to the last one repeats its time
CLOCK_SLACK_SECONDS = 0.0005  # seconds by which stored times and the container's clock may differ because of rounding
MAX_FORWARD_SECONDS = 4.0  # seconds; decoding this far forward is faster than a seek for ordinary material
MAX_DAMAGED_PACKETS = 2000  # consecutive damaged packets after which decoding ends
MAX_BYTES_PER_PIXEL = 8  # bytes that a decoded pixel may need


class AudioSink(Protocol):
    """A receiver of the packets of one audio track during a decode pass."""

    stream: AudioStream

    def add_packet(self, packet: "Packet[AudioStream]") -> None:
        """Decode one packet."""


def decode_frames(
    container: InputContainer, stream: VideoStream, sound: AudioSink | None = None
) -> Iterator[tuple[float, VideoFrame]]:
    """Yield (seconds, frame) for every frame that can be decoded, in presentation order.

    Times are the container's own and strictly increase. Damaged packets and frames that repeat a time are skipped.
    Packets of the audio track are passed to `sound` in the same pass over the file.
    """
    if not stream.codec_context.is_open:
        stream.thread_type = "AUTO"
    step = 1.0 / float(frame_rate(stream) or 25)
    last = float("-inf")
    for frame in _decode_packets(container, stream, sound):
        time = frame.time
        if time is None:
            time = 0.0 if last == float("-inf") else last + step
        if time <= last + MIN_STEP_SECONDS:
            continue
        last = time
        yield time, frame


def _decode_packets(container: InputContainer, stream: VideoStream, sound: AudioSink | None) -> Iterator[VideoFrame]:
    streams: list[VideoStream | AudioStream] = [stream, sound.stream] if sound else [stream]
    packets: Iterator[Packet[Any]] = container.demux(*streams)
    broken = 0
    while broken < MAX_DAMAGED_PACKETS:
        try:
            packet = next(packets)
            if sound and packet.stream.index == sound.stream.index:  # flush packets at the end have another stream
                sound.add_packet(packet)
                continue
            frames = packet.decode()
        except StopIteration:
            return
        except av.error.EOFError:
            return
        except (av.error.FFmpegError, ValueError) as fault:
            raise_if_out_of_memory(fault, stream.width * stream.height * MAX_BYTES_PER_PIXEL)
            broken += 1
            continue
        broken = 0
        yield from frames


def read_ahead(source: Iterator[T], depth: int = READ_AHEAD_FRAMES) -> Generator[T]:
    """Yield the same items, produced by a second thread that is at most `depth` items ahead.

    Decoding and scaling release the interpreter's lock, so they run in parallel with the consumer. An error in the
    source is raised here. Close this generator before the resource that the source reads from: closing ends the thread,
    which would otherwise continue to read.
    """
    queue: Queue[tuple[T | None, BaseException | None]] = Queue(depth)
    stopped = Event()

    def put(item: tuple[T | None, BaseException | None]) -> None:
        while not stopped.is_set():
            with suppress(Full):
                queue.put(item, timeout=0.1)
                return

    def run() -> None:
        try:
            for item in source:
                put((item, None))
                if stopped.is_set():
                    return
        except BaseException as problem:  # noqa: BLE001  passed to the consumer, which raises it
            put((None, problem))
        else:
            put((None, StopIteration()))

    thread = Thread(target=run, name=READER_THREAD, daemon=True)
    thread.start()
    try:
        while True:
            item, problem = queue.get()
            if isinstance(problem, StopIteration):
                return
            if problem is not None:
                raise problem
            yield item  # type: ignore[misc]
    finally:
        stopped.set()
        with suppress(Empty):
            while True:
                queue.get_nowait()
        thread.join()


class FrameSeeker:
    """Return single frames of one video by their time, multiplied by `retiming`. Rising times are the cheapest."""

    def __init__(self, path: str, container: InputContainer, retiming: float = 1.0) -> None:
        self.path = path
        self._retiming = retiming
        self._container = container
        self._stream = find_video_stream(container)
        self._frames = decode_frames(container, self._stream)
        first = next(self._frames, None)
        if first is None:
            raise MediaError(CUT_SHORT)
        self._origin = first[0]
        self._shown = first
        self._following: tuple[float, VideoFrame] | None = None
        self.pixel_aspect = pixel_aspect(self._stream)

    def at(self, seconds: float) -> VideoFrame:
        """Return the frame shown `seconds` after the first one: the last one that is not later, or the nearest."""
        target = self._origin + seconds / self._retiming + CLOCK_SLACK_SECONDS
        if target < self._shown[0] or target - self._shown[0] > MAX_FORWARD_SECONDS:
            self._seek(target)
        while True:
            if self._following is None:
                self._following = next(self._frames, None)
            if self._following is None or self._following[0] > target:
                return self._shown[1]
            self._shown, self._following = self._following, None

    def _seek(self, target: float) -> None:
        if self._stream.time_base is None:
            return
        place = int(max(target, self._origin) / self._stream.time_base)
        try:
            self._container.seek(place, stream=self._stream, backward=True)
        except MemoryError:
            raise
        except av.error.FFmpegError:
            return
        self._frames = decode_frames(self._container, self._stream)
        self._shown, self._following = next(self._frames, self._shown), None


@contextmanager
def open_frame_seeker(path: str, retiming: float = 1.0) -> Iterator[FrameSeeker]:
    """Open a seeker of the video at `path`, whose times are multiplied by `retiming`.

    Raises MediaError if no frame can be decoded.
    """
    with open_container(path) as container:
        yield FrameSeeker(path, container, retiming)
