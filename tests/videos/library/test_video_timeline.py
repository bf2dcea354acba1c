import pytest

from videos.library import video_timeline
from videos.library.video_timeline import build_video_timeline
from videos.models import Chapter, Video


def make_chapters(*starts: float) -> list[Chapter]:
    return [Chapter(start=start, title=f"From {start}") for start in starts]


def test_chapters_and_shots_fill_the_duration():
    lanes = build_video_timeline(Video(duration=50, shots=[0, 10, 40], stills=[0, 12, 30]), make_chapters(0, 25))
    assert [(span.x, span.width, span.title) for span in lanes.chapters] == [(0, 50, "From 0"), (50, 50, "From 25")]
    assert [(span.x, span.width) for span in lanes.shots] == [(0, 20), (20, 60), (80, 20)]
    assert [span.still for span in lanes.shots] == ["still-00000.jpg", "still-00002.jpg", ""]


def test_a_shot_has_a_still_from_inside_or_none():
    lanes = build_video_timeline(Video(duration=100, shots=[0, 99], stills=[0, 50]), [])
    assert [span.still for span in lanes.shots] == ["still-00001.jpg", ""]


def test_a_video_of_one_shot_has_no_shots():
    assert build_video_timeline(Video(duration=50, shots=[0]), []).shots == []


@pytest.mark.parametrize("duration", [None, 0])
def test_a_video_without_a_duration_has_no_lanes(duration):
    lanes = build_video_timeline(Video(duration=duration, shots=[0, 1]), make_chapters(0))
    assert (lanes.chapters, lanes.shots, lanes.shot_lines) == ([], [], [])


def test_what_begins_after_the_end_is_left_out():
    lanes = build_video_timeline(Video(duration=10, shots=[0, 5, 10, 11]), make_chapters(0, 12))
    assert [(span.x, span.width) for span in lanes.chapters] == [(0, 100)]
    assert [span.start for span in lanes.shots] == [0, 5]


def test_very_many_shots_are_drawn_as_lines():
    count = video_timeline.MAX_SHOT_LINKS + 1
    lanes = build_video_timeline(Video(duration=count, shots=list(range(count))), [])
    assert lanes.shots == []
    assert len(lanes.shot_lines) == count
