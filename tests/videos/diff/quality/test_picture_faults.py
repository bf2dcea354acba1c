"""Black, frozen and flashing stretches, stray frames and repeated frames of one video."""

import numpy as np
import pytest

from tests.videos.diff.fingerprints import fingerprint, scenery
from videos.diff.quality.picture_faults import PictureFault, find_picture_faults

pytestmark = pytest.mark.fast
RATE = 25.0


@pytest.fixture
def luma():
    """Return 200 moving frames, of which each differs visibly from the one before."""
    return scenery(400, seed=3)[::2]


def find(luma) -> list[tuple[str, int, int]]:
    """Return the kinds of the faults with their first frame and their number of frames."""
    return [(fault.kind, round(fault.start * RATE), fault.frames) for fault in find_picture_faults(fingerprint(luma))]


def test_a_video_in_motion_has_no_faults(luma):
    assert find(luma) == []


def test_cuts_are_no_faults(luma):
    luma[100:] = scenery(200, seed=9)[::2]

    assert find(luma) == []


@pytest.mark.parametrize("count", [1, 2, 40])
def test_black_is_found_from_one_frame_on(luma, count):
    luma[60 : 60 + count] = 16

    assert ("black", 60, count) in find(luma)
    assert not [kind for kind, *_ in find(luma) if kind == "frozen"]


def test_a_frozen_stretch_is_found_with_the_frame_that_it_holds(luma):
    luma[50:75] = luma[50]

    assert find(luma) == [("frozen", 50, 25)]


def test_a_short_hold_is_not_frozen(luma):
    luma[50:56] = luma[50]

    assert "frozen" not in [kind for kind, *_ in find(luma)]


@pytest.mark.parametrize("count", [1, 2])
def test_frames_from_elsewhere_are_stray(luma, count):
    luma[80 : 80 + count] = scenery(20, seed=5)[10]

    assert find(luma) == [("stray_frames", 80, count)]


@pytest.mark.parametrize("count", [1, 2])
def test_a_frame_with_a_white_box_or_a_lost_half_is_stray(count):
    calm = scenery(200, seed=3)
    calm[60 : 60 + count, 4:16, 10:34] = 255
    calm[120 : 120 + count, 18:] = 16

    assert find(calm) == [("stray_frames", 60, count), ("stray_frames", 120, count)]


def test_a_box_that_stays_is_no_stray_frame(luma):
    luma[60:90, 4:12, 10:22] = 255

    assert find(luma) == []


def test_a_repeated_frame_within_motion_is_found(luma):
    luma[90] = luma[89]

    assert find(luma) == [("repeated_frame", 90, 1)]


def test_frames_that_are_repeated_regularly_are_a_property_of_the_video(luma):
    luma[5::5] = luma[4:-1:5]

    assert find(luma) == []


def test_more_than_three_flashes_in_a_second_are_flashing(luma):
    luma[:] = 60
    luma[100:125:5] = 220

    assert [kind for kind, *_ in find(luma)].count("flashing") == 1
    [(_, first, count)] = [fault for fault in find(luma) if fault[0] == "flashing"]
    assert first == 100 and 20 <= count <= 23


def test_three_flashes_are_none(luma):
    luma[:] = 60
    luma[100:115:5] = 220

    assert "flashing" not in [kind for kind, *_ in find(luma)]


def test_flashes_of_a_small_part_of_the_picture_are_none(luma):
    luma[:] = 60
    luma[100:125:5, :6, :12] = 220

    assert "flashing" not in [kind for kind, *_ in find(luma)]


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_very_short_video_is_read(count):
    assert find_picture_faults(fingerprint(np.full((count, 36, 64), 16, np.uint8))) == [
        PictureFault("black", 0.0, count / RATE, count)
    ]


def test_the_result_does_not_depend_on_where_batches_begin(luma, monkeypatch):
    luma[60:90] = luma[60]
    luma[100:102] = 240
    luma[150:175:5] = 235
    whole = find(luma)

    monkeypatch.setattr("videos.diff.quality.picture_faults.BATCH_FRAMES", 7)

    assert find(luma) == whole != []
