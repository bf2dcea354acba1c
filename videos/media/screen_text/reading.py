"""Read the text on screen of a whole video. This module runs in the sandbox, without Django.

Frames are searched for text at intervals, and shortly after each cut. A frame that looks like the last one is not read
again. When a line appears or disappears between two such frames, the frames between them are read at its place, in a
binary search, which finds the time to a tenth of a second.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from videos.media import scaling
from videos.media.demux import find_video_stream, frame_rate, open_container, pixel_aspect
from videos.media.frames import MIN_STEP_SECONDS, decode_frames, read_ahead
from videos.media.screen_text.recognition import Box, Picture, ReadLine, TextReader, cut_box
from videos.media.screen_text.tracking import (
    MIN_OVERLAP,
    ScreenLine,
    Track,
    is_same_line,
    match_readings,
    measure_overlap,
    merge_lines,
)
from videos.media.stills import displayed_size, quarter_turns

READ_SECONDS = 0.8  # between two frames that are searched for text: the shortest subtitles last about as long
MAX_READS = 6_000  # frames that are searched; in longer videos the interval grows
MAX_RECOGNISED = 40_000  # lines that are read in a video, about 15 minutes of processor time
MAX_LINES = 20_000  # that a video may have
STEP_SECONDS = 0.1  # between two frames that are kept to find when a line begins and ends
SETTLE_SECONDS = 0.2  # after a cut, until the frame is read
CUT_DIFFERENCE = 25.0  # mean difference of two small pictures, in levels of 255, from which there is a cut
SAME_DIFFERENCE = 3.0  # greatest mean difference of a block between two frames that show the same text
MIN_CORRELATION = 0.7  # of the pixels of each letter of a line in two frames, from which it is not read again
MIN_CONTRAST = 4.0  # standard deviation of the levels of a part of a line in which there is a letter
MAX_READINGS = 3  # of a line whose pixels stay the same
WORKING_SIDE = 720  # pixels of the shorter side of the picture in which lines are read
MAX_WORKING_SIDE = 1600  # pixels of its longer side
HELD_PIXELS = 2_500_000  # larger frames are scaled before they are kept
MIN_SKIPPING_RATE = 20.0  # frames per second from which frames that no other needs are not decoded
SMALL_SIZE = 256, 144  # of the picture by which frames are compared; a title is some pixels high
BLOCK = 8  # pixels of it

Luma = NDArray[np.float32]


def read_screen_text(path: str, duration: float, progress: Callable[[float], None]) -> list[dict[str, object]]:
    """Return the timed lines of text that are visible in the video: see `ScreenLine.as_dict`.

    `duration` is in seconds. Raises MediaError if the models are missing or the file has no video stream.
    """
    reader = TextReader()
    with open_container(path) as container:
        stream = find_video_stream(container)
        aspect = pixel_aspect(stream)
        if float(frame_rate(stream) or 0) >= MIN_SKIPPING_RATE:
            stream.codec_context.skip_frame = "NONREF"
        reading = _Reading(reader, aspect, max(READ_SECONDS, duration / MAX_READS))
        samples = closing(read_ahead(_sample_frames(decode_frames(container, stream)), depth=2))
        with samples as frames:
            for sample in frames:
                if not reading.add_sample(sample):
                    break
                progress(sample.seconds / duration if duration else 0.0)
    return [line.as_dict() for line in reading.finish(duration)]


@dataclass(frozen=True, slots=True)
class _Sample:
    """A frame that is kept for a while, its time from the first frame, and how often to rotate it to the left."""

    seconds: float
    frame: VideoFrame
    turns: int


def _sample_frames(frames: Iterable[tuple[float, VideoFrame]]) -> Iterator[_Sample]:
    """Yield a frame every `STEP_SECONDS`. Large ones are scaled, so that the memory is bounded."""
    scaler, origin, due = VideoReformatter(), None, 0.0
    for time, frame in frames:
        origin = time if origin is None else origin
        seconds = time - origin
        if seconds + MIN_STEP_SECONDS < due:
            continue
        due = max(due + STEP_SECONDS, seconds + STEP_SECONDS / 2)
        turns = quarter_turns(frame)
        if frame.width * frame.height > HELD_PIXELS:
            width, height = _fit_working_size(frame.width, frame.height)
            frame = scaler.reformat(frame, width, height, format="yuv420p", interpolation=scaling.AREA)
        yield _Sample(seconds, frame, turns)


def _fit_working_size(width: int, height: int) -> tuple[int, int]:
    """Return the even size of the same shape in which lines are read."""
    scale = min(1.0, WORKING_SIDE / min(width, height), MAX_WORKING_SIDE / max(width, height))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


class _Reading:
    """The lines that are found while the samples of a video pass."""

    def __init__(self, reader: TextReader, aspect: float, interval: float) -> None:
        self._reader = reader
        self._aspect = aspect
        self._interval = interval
        self._painter, self._shrinker = VideoReformatter(), VideoReformatter()
        self._held: list[_Sample] = []  # from the last frame that was searched
        self._due = 0.0
        self._small: Luma | None = None  # of the latest sample
        self._searched: Luma | None = None  # of the last frame that was searched
        self._tracks: list[Track] = []
        self._lines: list[ScreenLine] = []
        self._reads = self._recognised = 0
        self._last = 0.0

    def add_sample(self, sample: _Sample) -> bool:
        """Read the sample if it is due. Return False when a limit is reached."""
        small = self._shrink(sample)
        if self._small is not None and float(np.abs(small - self._small).mean()) > CUT_DIFFERENCE:
            self._due = min(self._due, sample.seconds + SETTLE_SECONDS)
        self._small, self._last = small, sample.seconds
        self._held.append(sample)
        if sample.seconds + MIN_STEP_SECONDS < self._due:
            return True
        self._due = sample.seconds + self._interval
        if self._searched is not None and _shows_same(small, self._searched):
            for track in self._tracks:
                track.last_seen = sample.seconds
        else:
            self._search(sample)
            self._searched = small
        self._held = [sample]
        return self._reads < 2 * MAX_READS and self._recognised < MAX_RECOGNISED and len(self._lines) < MAX_LINES

    def finish(self, duration: float) -> list[ScreenLine]:
        """Return all lines. Those that are still visible end with the last frame."""
        end = max(duration, self._last)
        if len(self._held) > 1:  # the end of the video, which was not due
            self._search(self._held[-1])
        for track in self._tracks:
            self._close(track, end)
        self._tracks = []
        return merge_lines(self._lines)[:MAX_LINES]

    def _search(self, sample: _Sample) -> None:
        """Find the lines of a frame, continue the tracks that they belong to, and end and begin others."""
        self._reads += 1
        picture = self._paint(sample)
        unread: list[Box] = []
        kept: list[Track] = []
        for box in self._reader.find_boxes(picture):
            track = self._find_unchanged(picture, box, kept)
            if track is None:
                unread.append(box)
            else:
                kept.append(track)
                track.last_seen = sample.seconds
        readings = [reading for reading in self._recognise(picture, unread) if reading.text]
        others = [track for track in self._tracks if track not in kept]
        matched = match_readings(readings, others)
        for place, track in enumerate(others):
            if place not in matched.values():
                self._tracks.remove(track)
                self._close(track, self._find_end(track))
        for index, reading in enumerate(readings):
            crop = cut_box(picture, reading.box)
            if index in matched:
                track = others[matched[index]]
                track.readings.append(reading)
                track.last_seen, track.crop = sample.seconds, crop
            else:
                self._tracks.append(Track(self._find_start(reading), sample.seconds, [reading], crop))

    def _find_unchanged(self, picture: Picture, box: Box, taken: list[Track]) -> Track | None:
        """Return the track whose line has been read often enough and whose pixels are in the box again."""
        for track in self._tracks:
            if len(track.readings) < MAX_READINGS or track in taken or track.crop is None:
                continue
            if measure_overlap(box, track.latest.box) < 2 * MIN_OVERLAP:
                continue
            if _has_same_pixels(cut_box(picture, track.latest.box), track.crop):
                return track
        return None

    def _recognise(self, picture: Picture, boxes: list[Box]) -> list[ReadLine]:
        self._recognised += len(boxes)
        return self._reader.read_boxes(picture, boxes)

    def _find_start(self, reading: ReadLine) -> float:
        """Return when a line began that was not in the first of the held samples and is in the last one."""
        if self._held[0].seconds == self._held[-1].seconds:
            return self._held[0].seconds
        absent, present = 0, len(self._held) - 1
        if self._reads == 1:
            absent = -1  # no frame was searched before
        while present - absent > 1:
            middle = (absent + present) // 2
            absent, present = (absent, middle) if self._shows(self._held[middle], reading) else (middle, present)
        return self._held[present].seconds

    def _find_end(self, track: Track) -> float:
        """Return when a line ended that was in the first of the held samples and is not in the last one."""
        present, absent = 0, len(self._held) - 1
        while absent - present > 1:
            middle = (absent + present) // 2
            present, absent = (middle, absent) if self._shows(self._held[middle], track.latest) else (present, middle)
        return self._held[absent].seconds

    def _shows(self, sample: _Sample, line: ReadLine) -> bool:
        found = self._recognise(self._paint(sample), [line.box])
        return is_same_line(found[0], line)

    def _close(self, track: Track, end: float) -> None:
        line = track.end_at(end)
        if line is not None:
            self._lines.append(line)

    def _paint(self, sample: _Sample) -> Picture:
        """Return the sample upright, with square pixels, in RGB, at the working size."""
        frame, turns = sample.frame, sample.turns
        upright = displayed_size(frame.width, frame.height, self._aspect, turns)
        width, height = _fit_working_size(*upright)
        stored = (height, width) if turns % 2 else (width, height)
        scaled = self._painter.reformat(frame, *stored, format="rgb24", interpolation=scaling.AREA)
        return np.ascontiguousarray(np.rot90(scaled.to_ndarray(), turns))

    def _shrink(self, sample: _Sample) -> Luma:
        small = self._shrinker.reformat(sample.frame, *SMALL_SIZE, format="gray", interpolation=scaling.AREA, threads=1)
        return small.to_ndarray().astype(np.float32)


def _shows_same(first: Luma, second: Luma) -> bool:
    """Return whether no block of two small pictures differs, so that no line of text can differ."""
    rows, columns = SMALL_SIZE[1] // BLOCK, SMALL_SIZE[0] // BLOCK
    blocks = np.abs(first - second).reshape(rows, BLOCK, columns, BLOCK).mean(axis=(1, 3))
    return bool(blocks.max() < SAME_DIFFERENCE)


def _has_same_pixels(first: Picture, second: Picture) -> bool:
    """Return whether each part of a line, about as wide as a letter, looks the same in two pictures of its box."""
    if first.shape != second.shape:
        return False
    one, other = first.mean(axis=2), second.mean(axis=2)
    width = max(4, one.shape[0] // 2)
    for left in range(0, one.shape[1], width):
        parts = one[:, left : left + width], other[:, left : left + width]
        if max(part.std() for part in parts) >= MIN_CONTRAST and _correlate(*parts) < MIN_CORRELATION:
            return False
    return True


def _correlate(first: Luma, second: Luma) -> float:
    """Return the correlation of two pictures, from -1 to 1."""
    one, other = first - first.mean(), second - second.mean()
    scale = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / scale if scale else 0.0
