import pytest

from videos.models import Video


@pytest.mark.parametrize(
    ("span", "number"), [((0, 2), 0), ((2, 4), 1), ((1.5, 6.5), 2), ((4.5, 5.5), 2), ((9, 11), 3), ((0.5, 0.9), 0)]
)
def test_a_span_is_shown_by_a_still_inside_it_if_possible(span, number):
    assert Video(stills=[0.0, 2.0, 4.0, 6.0]).find_still(*span) == f"still-{number:05d}.jpg"


def test_a_video_without_stills_uses_the_first_name():
    assert Video(stills=[]).find_still(0, 2) == "still-00000.jpg"
