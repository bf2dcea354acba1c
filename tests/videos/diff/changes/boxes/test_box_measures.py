import pytest

from videos.diff.changes.boxes.box_measures import MIN_BOX_SIDE, find_pixels
from videos.diff.script.edit_script import Region


def test_a_box_has_all_pixels_that_it_touches():
    assert find_pixels(Region(0.25, 0.5, 0.5, 0.26), 100, 200) == (slice(50, 76), slice(50, 150))


@pytest.mark.parametrize("corner", [0.0, 0.5, 1.0])
def test_the_smallest_box_has_a_few_pixels_within_the_picture(corner):
    for pixels, count in zip(find_pixels(Region(corner, corner, 0, 0), 18, 32), (18, 32), strict=True):
        assert 0 <= pixels.start < pixels.stop <= count
        assert pixels.stop - pixels.start == MIN_BOX_SIDE
