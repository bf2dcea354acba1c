import pytest

from tests.videos.diff.fingerprints import sampled
from tests.videos.diff.mixed_footage import blend, fast_pan
from videos.diff.alignment.mixed_side import find_mixed_side
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run

FILM = sampled(fast_pan(240), 24)
BLENDED = sampled(blend(fast_pan(240), 1.25), 30)
RUN = Run(0.2, 9.5, TimeMap())


@pytest.mark.parametrize(("a", "b", "side"), [(FILM, BLENDED, "b"), (BLENDED, FILM, "a")])
def test_a_blended_side_is_found_on_either_side(a, b, side):
    assert find_mixed_side(a, b, [RUN], True) == side


def test_a_blended_side_is_found_where_it_starts_later():
    later = sampled(blend(fast_pan(240)[48:], 1.25), 30)
    assert find_mixed_side(FILM, later, [Run(2.2, 9.5, TimeMap(-2.0))], True) == "b"


def test_a_side_without_every_second_frame_is_not_mixed():
    assert find_mixed_side(FILM, sampled(fast_pan(240)[::2], 12), [RUN], True) is None


def test_no_side_is_mixed_where_the_frame_times_are_equal():
    assert find_mixed_side(FILM, FILM, [RUN], False) is None
