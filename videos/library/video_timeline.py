"""Lay out the chapters and the shots of a video as lanes. Positions are percentages of its duration."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from videos.models import Chapter, Video

MAX_SHOT_LINKS = 400  # beyond it, the shots are drawn as lines only
MIN_STILL_WIDTH = 2.5  # percent; narrower shots have no still


@dataclass(frozen=True, slots=True)
class TimelineSpan:
    """A chapter or a shot. `start` is in seconds; `still` is the name of a still, or empty."""

    start: float
    x: float
    width: float
    title: str = ""
    still: str = ""


@dataclass(frozen=True, slots=True)
class VideoTimeline:
    """The lanes of a video. `shot_lines` are positions that are drawn in place of too many shots."""

    chapters: list[TimelineSpan]
    shots: list[TimelineSpan]
    shot_lines: list[float]


def build_video_timeline(video: Video, chapters: Sequence[Chapter]) -> VideoTimeline:
    """Return the lanes. A lane is empty if there are no chapters, or fewer than two shots."""
    duration = video.duration or 0.0
    if duration <= 0:
        return VideoTimeline([], [], [])
    starts = [start for start in video.shots if start < duration]
    spans = _place([chapter.start for chapter in chapters], [chapter.title for chapter in chapters], duration)
    if len(starts) > MAX_SHOT_LINKS:
        return VideoTimeline(spans, [], [round(100 * start / duration, 2) for start in starts])
    shots = [
        TimelineSpan(span.start, span.x, span.width, span.title, _choose_still(video, span, duration))
        for span in _place(starts, [""] * len(starts), duration)
    ]
    return VideoTimeline(spans, shots if len(shots) > 1 else [], [])


def _place(starts: Sequence[float], titles: Sequence[str], duration: float) -> list[TimelineSpan]:
    """Return spans from each start to the next one. Those that begin after the end are left out."""
    spans = zip(pairwise([*starts, duration]), titles, strict=True)
    return [
        TimelineSpan(
            start, round(100 * start / duration, 3), round(100 * (min(end, duration) - start) / duration, 3), title
        )
        for (start, end), title in spans
        if start < duration
    ]


def _choose_still(video: Video, span: TimelineSpan, duration: float) -> str:
    end = span.start + span.width * duration / 100
    if span.width < MIN_STILL_WIDTH or not any(span.start <= second < end for second in video.stills):
        return ""
    return video.find_still(span.start, end)
