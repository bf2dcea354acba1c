import numpy as np
import pytest

from tests.videos.diff.changes.boxes.test_kinds import footage, smooth, softened, with_logo
from videos.diff.changes.boxes.reframing import name_reframed
from videos.diff.sampling.view import IDENTITY_VIEW


def without_colour(planes):
    changed = planes.copy()
    changed[:, 1:] = 128
    return changed


def zoomed(planes):
    """Return the picture from 20 % to 90 % of the width and the height, in full size."""
    rows, columns = slice(43, 194), slice(77, 346)
    return IDENTITY_VIEW.resample(planes[:, :, rows, columns], planes.shape[-2:])


CHANGES = {"negated": lambda planes: 255 - planes, "grey": without_colour, "reframed": zoomed}


@pytest.mark.parametrize("name", CHANGES)
def test_the_whole_picture_changed_in_a_known_way(name):
    planes = (128 + 6 * (smooth(footage(), 200) - 128)).astype(np.float32)
    kind = name_reframed(planes, CHANGES[name](planes))
    assert kind is not None
    assert kind.name == name
    assert name_reframed(CHANGES[name](planes), planes) == kind.mirror()


def in_blocks(planes):
    """Return the picture in blocks of 8 pixels."""
    count, channels, high, wide = planes.shape
    means = planes.reshape(count, channels, high // 8, 8, wide // 8, 8).mean(axis=(3, 5))
    return means.repeat(8, axis=2).repeat(8, axis=3)


OTHERS = {
    "logo": with_logo,
    "blurred box": softened,
    "other picture": lambda planes: planes[:, :, ::-1, ::-1],
    "nothing": lambda planes: planes,
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_changes_are_not_named(name):
    planes = footage()
    assert name_reframed(planes, OTHERS[name](planes)) is None


@pytest.mark.parametrize("change", [lambda planes: smooth(planes, 20), in_blocks], ids=["softer", "in blocks"])
def test_grainy_pictures_without_their_grain_are_not_reframed(change):
    rng = np.random.default_rng(1)
    shapes = smooth(rng.normal(0, 1, (2, 3, 216, 384)).astype(np.float32), 400)
    grainy = (128 + 40 * shapes / shapes.std() + rng.normal(0, 30, shapes.shape)).astype(np.float32)
    assert name_reframed(grainy, change(grainy)) is None


def test_pictures_of_one_colour_are_not_named():
    flat = np.full((2, 3, 216, 384), 128, np.float32)
    assert name_reframed(flat, flat) is None
    assert name_reframed(footage()[:2], flat) is None
