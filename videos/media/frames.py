"""Frames of a video in the order they are shown, each with its time, one decode pass or a few picked moments."""

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

from videos.media.errors import MediaError, pass_over
from videos.media.opening import CUT_SHORT, frame_rate, open_container, pixel_aspect, video_stream

T = TypeVar("T")

READ_AHEAD_FRAMES = 8
READER = "reader"  # name of the thread that reads ahead
TRUST_IN_STEPS_SECONDS = 1e-6  # two frames closer than this are one moment
CLOCK_SLACK_SECONDS = 0.0005  # stored times and the container's clock may round apart
SEEK_PAST_SECONDS = 4.0  # decoding this far ahead is cheaper than a seek, on ordinary material
MAX_BROKEN_IN_A_ROW = 2000
MOST_BYTES_A_PIXEL = 8


class Listener(Protocol):
    """Whoever takes the packets of one sound track as they come by."""

    stream: AudioStream

    def hear(self, packet: "Packet[AudioStream]") -> None: ...


def decode(
    container: InputContainer, stream: VideoStream, sound: Listener | None = None
) -> Iterator[tuple[float, VideoFrame]]:
    """(seconds, frame) for every frame that can be decoded, in presentation order.

    Times are the container's own, strictly rising. Damaged packets are passed over, and so are frames that
    claim a time already shown. Packets of sound go to `sound`, in the same pass over the file.
    """
    if not stream.codec_context.is_open:
        stream.thread_type = "AUTO"
    step = 1.0 / float(frame_rate(stream) or 25)
    last = float("-inf")
    for frame in _decodable(container, stream, sound):
        time = frame.time
        if time is None:
            time = 0.0 if last == float("-inf") else last + step
        if time <= last + TRUST_IN_STEPS_SECONDS:
            continue
        last = time
        yield time, frame


def _decodable(container: InputContainer, stream: VideoStream, sound: Listener | None) -> Iterator[VideoFrame]:
    streams: list[VideoStream | AudioStream] = [stream, sound.stream] if sound else [stream]
    packets: Iterator[Packet[Any]] = container.demux(*streams)
    broken = 0
    while broken < MAX_BROKEN_IN_A_ROW:
        try:
            packet = next(packets)
            if sound and packet.stream.index == sound.stream.index:  # those at the end have no other number
                sound.hear(packet)
                continue
            frames = packet.decode()
        except StopIteration:
            return
        except av.error.EOFError:
            return
        except (av.error.FFmpegError, ValueError) as fault:
            pass_over(fault, stream.width * stream.height * MOST_BYTES_A_PIXEL)
            broken += 1
            continue
        broken = 0
        yield from frames


def read_ahead(source: Iterator[T], depth: int = READ_AHEAD_FRAMES) -> Generator[T]:
    """The same items, made on a second thread that runs at most `depth` items ahead.

    Decoding and scaling both leave the interpreter's lock, so the consumer's work then costs hardly any time.
    An error in the source is raised here. Close the iterator before what it reads from: that ends the thread, where
    one left alone would go on reading from what is gone.
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
        except BaseException as problem:  # noqa: BLE001  handed to the consumer, which raises it
            put((None, problem))
        else:
            put((None, StopIteration()))

    thread = Thread(target=run, name=READER, daemon=True)
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


class Picker:
    """Single frames of one video by their time; cheapest when asked for rising times."""

    def __init__(self, path: str, container: InputContainer) -> None:
        self.path = path
        self._container = container
        self._stream = video_stream(container)
        self._frames = decode(container, self._stream)
        first = next(self._frames, None)
        if first is None:
            raise MediaError(CUT_SHORT)
        self._origin = first[0]
        self._shown = first
        self._following: tuple[float, VideoFrame] | None = None
        self.pixel_aspect = pixel_aspect(self._stream)

    def at(self, seconds: float) -> VideoFrame:
        """The frame shown `seconds` after the first one: the last that is not later, or the nearest there is."""
        target = self._origin + seconds + CLOCK_SLACK_SECONDS
        if target < self._shown[0] or target - self._shown[0] > SEEK_PAST_SECONDS:
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
        self._frames = decode(self._container, self._stream)
        self._shown, self._following = next(self._frames, self._shown), None


@contextmanager
def open_picker(path: str) -> Iterator[Picker]:
    """A picker of the video at `path`; raises MediaError where no frame decodes."""
    with open_container(path) as container:
        yield Picker(path, container)
