import numpy as np
import pytest

from videos.diff.changes.boxes.box_measures import measure_box
from videos.diff.changes.boxes.kinds import BLOCKS_GRID, name_all, name_change
from videos.diff.script.edit_script import Region
from videos.diff.script.kinds import ChangeKind, mirror_kind

BOX = Region(0.25, 0.25, 0.25, 0.25)
ROWS, COLUMNS = slice(54, 108), slice(96, 192)


def smooth(pictures, passes):
    for _ in range(passes):
        pictures = sum(np.roll(pictures, by, axis) for by in (-1, 0, 1) for axis in (-1, -2)) / 6
    return pictures


def footage():
    """Return (3, 3, 216, 384) planes of noise in several sizes, which moves from frame to frame."""
    rng = np.random.default_rng(3)
    still = 128 + sum(
        scale * smooth(rng.standard_normal((3, 216, 384)), passes) for scale, passes in ((20, 1), (90, 12))
    )
    return np.stack([np.roll(still, 3 * frame, axis=2) for frame in range(3)]).astype(np.float32)


def with_logo(planes):
    changed = planes.copy()
    inside = changed[:, :, ROWS, COLUMNS]
    inside[:, :, 8:46, 10:86] = 40
    inside[:, :, 16:38, 20:40] = 220
    inside[:, :, 16:38, 56:76] = 220
    return changed


def softened(planes):
    changed = planes.copy()
    changed[:, :, ROWS, COLUMNS] = smooth(planes, 30)[:, :, ROWS, COLUMNS]
    return changed


def pixelated(planes):
    changed = planes.copy()
    inside = changed[:, :, ROWS, COLUMNS]
    blocks = inside.reshape(3, 3, 9, 6, 16, 6).mean(axis=(3, 5))
    changed[:, :, ROWS, COLUMNS] = blocks.repeat(6, axis=2).repeat(6, axis=3)
    return changed


def regraded(planes):
    changed = planes.copy()
    changed[:, :, ROWS, COLUMNS] = changed[:, :, ROWS, COLUMNS] * 0.9 + 25
    return changed


def mirrored(planes):
    changed = planes.copy()
    changed[:, :, ROWS, COLUMNS] = planes[:, :, ROWS, COLUMNS][..., ::-1]
    return changed


CHANGES = {
    "text_or_logo_added": with_logo,
    "softer": softened,
    "pixelated": pixelated,
    "regraded": regraded,
    "mirrored": mirrored,
}


WHOLE = Region(0.0, 0.0, 1.0, 1.0)


def grained(planes):
    changed = planes.copy()
    changed[:, 0] += np.random.default_rng(5).normal(0, 12, changed[:, 0].shape)
    return changed


WHOLE_CHANGES = {
    "softer": lambda planes: smooth(planes, 2).astype(np.float32),
    "sharper": lambda planes: planes + (planes - smooth(planes, 3)).astype(np.float32),
    "noisier": grained,
    "pixelated": lambda planes: (
        planes.reshape(3, 3, 54, 4, 96, 4).mean(axis=(3, 5)).repeat(4, axis=2).repeat(4, axis=3).astype(np.float32)
    ),
}


@pytest.mark.parametrize("name", WHOLE_CHANGES)
def test_a_change_of_the_whole_picture_is_named(name):
    planes = footage()
    changed = WHOLE_CHANGES[name](planes)
    kind = name_change(planes, changed, WHOLE)
    assert kind is not None
    assert kind.name == name
    assert name_change(changed, planes, WHOLE) == kind.mirror()


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_named(name):
    planes = footage()
    kind = name_change(planes, CHANGES[name](planes), BOX)
    assert kind is not None
    assert kind.name == name
    assert 0.5 <= kind.confidence <= 1


@pytest.mark.parametrize("name", CHANGES)
def test_a_kind_mirrors_when_the_sides_are_swapped(name):
    planes = footage()
    changed = CHANGES[name](planes)
    assert name_change(changed, planes, BOX) == name_change(planes, changed, BOX).mirror()


def test_other_footage_in_a_box_has_no_kind():
    planes = footage()
    changed = planes.copy()
    changed[:, :, ROWS, COLUMNS] = planes[:, :, 108:162, 192:288]
    assert name_change(planes, changed, BOX) is None


def test_the_same_pictures_have_no_kind():
    planes = footage()
    assert name_change(planes, planes, BOX) is None


def test_a_kind_that_names_only_b_is_not_stored_for_a():
    assert ChangeKind(mirror_kind("pixelated"), 0.9).stored == (None, None)
    assert ChangeKind("pixelated", 0.9).stored == ("pixelated", 0.9)


def test_changes_of_one_kind_have_it_together():
    assert name_all([ChangeKind("softer", 0.9), ChangeKind("softer", 0.6)]) == ChangeKind("softer", 0.6)


@pytest.mark.parametrize("other", [None, ChangeKind("sharper", 0.9)])
def test_changes_of_several_kinds_have_none_together(other):
    assert name_all([ChangeKind("softer", 0.9), other]) is None


def collapsed(planes):
    """Return the planes as JPEG of low quality shows them: blocks of 8 pixels that keep only their mean and tilt."""
    changed = planes.copy()
    blocks = changed[:, 0].reshape(3, 27, 8, 48, 8)
    tilt = np.arange(8) - 3.5
    mean = blocks.mean(axis=(2, 4), keepdims=True)
    slope = (blocks.mean(axis=2, keepdims=True) * tilt).sum(axis=4, keepdims=True) / np.square(tilt).sum()
    changed[:, 0] = (mean + slope * tilt + np.zeros_like(blocks)).reshape(changed[:, 0].shape)
    return changed


def test_the_blocks_of_a_codec_are_named():
    kind = name_change(footage(), collapsed(footage()), WHOLE)
    assert kind is not None
    assert kind.name == "pixelated"


def test_blocks_that_are_too_small_to_see_are_no_grid():
    planes, changed = footage(), collapsed(footage())
    assert measure_box(planes, changed, WHOLE, ((8.0, 8.0), (8.0, 8.0))).grid[1] > BLOCKS_GRID[1]
    assert measure_box(planes, changed, WHOLE, ((1.6, 1.6), (1.6, 1.6))).grid == (0.0, 0.0)
