import av
import numpy as np
import pytest

from tests import footage
from videos.media.interlacing import FieldSelector, is_interlaced

SHOTS = footage.scene(20, width=192, height=128)


@pytest.mark.parametrize("first", ["tff", "bff"])
def test_the_first_field_is_selected_in_either_field_order(first):
    path = footage.cached(f"woven-{first}", lambda path: footage.interlaced(path, SHOTS, first))
    with av.open(str(path)) as container:
        field = FieldSelector()
        shown = [field.select_field(frame).to_ndarray(format="gray") for frame in container.decode(video=0)]
    luma = SHOTS @ np.array([0.299, 0.587, 0.114])
    earlier, later = (
        np.mean([np.abs(one - other[0::2]).mean() for one, other in zip(shown, luma[at::2], strict=True)])
        for at in (0, 1)
    )
    assert shown[0].shape == (64, 192)
    assert earlier < 0.8 * later


def test_progressive_frames_are_unchanged():
    with av.open(str(footage.real("bikes"))) as container:
        frame = next(container.decode(video=0))
    assert FieldSelector().select_field(frame) is frame


def interlaced(frames: footage.Frames) -> footage.Frames:
    """Interleave pairs of frames line by line, without marking them as interlaced."""
    mixed = frames[0 : len(frames) // 2 * 2 : 2].copy()
    mixed[:, 1::2] = frames[1::2, 1::2]
    return mixed


@pytest.mark.parametrize("name", ["bikes", "bigbuckbunny", "carphone_pristine"])
def test_unmarked_interlaced_frames_are_detected(name):
    shots = footage.pixels(name, 320, 240)
    assert is_interlaced(str(footage.clip(f"woven-{name}", lambda: interlaced(shots))))
    assert not is_interlaced(str(footage.clip(f"whole-{name}", lambda: shots[::2])))


def noisy(frames: footage.Frames) -> footage.Frames:
    noise = np.random.default_rng(2).normal(0, 15, frames.shape[:3])
    return np.clip(frames + noise[..., None], 0, 255).astype(np.uint8)


def lined(frames: footage.Frames) -> footage.Frames:
    """Darken every other line, as on old screens."""
    darker = frames.copy()
    darker[:, ::2] //= 2
    return darker


def dithered(frames: footage.Frames) -> footage.Frames:
    thresholds = np.kron(np.ones((60, 80)), [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) * 3
    return ((frames + thresholds[..., None]) // 48 * 48).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("looks", [noisy, lined, dithered])
def test_static_combing_is_not_interlacing(looks):
    moving = looks(footage.pixels("bigbuckbunny", 320, 240)[:40])
    assert not is_interlaced(str(footage.clip(f"combed-{looks.__name__}", lambda: moving, options={"crf": "10"})))


def test_marked_frames_and_moving_sharp_edges_are_not_detected():
    assert not is_interlaced(str(footage.cached("woven-tff", lambda path: footage.interlaced(path, SHOTS, "tff"))))
    assert not is_interlaced(str(footage.clip("whole-scene", lambda: SHOTS)))
