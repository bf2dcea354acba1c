"""Frames of a video in the order they are shown, each with its time, one decode pass or a few picked moments."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TypeVar

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from videos.media.errors import MediaError
from videos.media.opening import CUT_SHORT, open_container, video_stream

T = TypeVar("T")

READ_AHEAD_FRAMES = 8
TRUST_IN_STEPS_SECONDS = 1e-6  # two frames closer than this are one moment
SEEK_PAST_SECONDS = 4.0  # decoding this far ahead is cheaper than a seek, on ordinary material
MAX_BROKEN_IN_A_ROW = 2000


def decode(container: InputContainer, stream: VideoStream) -> Iterator[tuple[float, VideoFrame]]:
    """(seconds, frame) for every frame that can be decoded, in presentation order.

    Times are the container's own, strictly rising. Damaged packets are passed over, and so are frames that
    claim a time already shown.
    """
    if not stream.codec_context.is_open:
        stream.thread_type = "AUTO"
    step = 1.0 / float(stream.average_rate or 25)
    last = float("-inf")
    for frame in _decodable(container, stream):
        time = frame.time
        if time is None:
            time = 0.0 if last == float("-inf") else last + step
        if time <= last + TRUST_IN_STEPS_SECONDS:
            continue
        last = time
        yield time, frame


def _decodable(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    packets = container.demux(stream)
    broken = 0
    while broken < MAX_BROKEN_IN_A_ROW:
        try:
            packet = next(packets)
            frames = packet.decode()
        except StopIteration:
            return
        except av.error.EOFError:
            return
        except (av.error.FFmpegError, ValueError):
            broken += 1
            continue
        broken = 0
        yield from frames  # type: ignore[misc]


def read_ahead(source: Iterator[T], depth: int = READ_AHEAD_FRAMES) -> Iterator[T]:
    """The same items, made on a second thread that runs at most `depth` items ahead.

    Decoding and scaling both leave the interpreter's lock, so the consumer's work then costs hardly any time.
    An error in the source is raised here; leaving early stops the thread.
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

    thread = Thread(target=run, daemon=True)
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


def frames_at(path: str, times: list[float], tolerance: float, see: Callable[[float, VideoFrame], None]) -> None:
    """Call `see(time, frame)` with the frame shown at each of the rising `times` (seconds from the first frame).

    Moments that cannot be reached are passed over; a seek is made only where decoding on would take longer.
    """
    with open_container(path) as container:
        stream = video_stream(container)
        frames = decode(container, stream)
        first = next(frames, None)
        if first is None:
            raise MediaError(CUT_SHORT)
        start = first[0]
        shown = first
        for wanted in times:
            target = start + wanted
            if target - shown[0] > SEEK_PAST_SECONDS:
                frames = _seek(container, stream, target)
            while shown[0] < target - tolerance:
                following = next(frames, None)
                if following is None:
                    break
                shown = following
            if abs(shown[0] - target) <= tolerance:
                see(wanted, shown[1])


def _seek(container: InputContainer, stream: VideoStream, target: float) -> Iterator[tuple[float, VideoFrame]]:
    time_base = stream.time_base
    if time_base is not None:
        with suppress(av.error.FFmpegError):
            container.seek(int(target / time_base), stream=stream, backward=True)
    return decode(container, stream)
