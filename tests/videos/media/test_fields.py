import av
import numpy as np
import pytest

from tests import footage
from videos.media.fields import FirstField

SHOTS = footage.scene(20, width=192, height=128)


@pytest.mark.parametrize("first", ["tff", "bff"])
def test_the_field_shot_first_is_taken_whichever_lines_hold_it(first):
    path = footage.cached(f"woven-{first}", lambda path: footage.interlaced(path, SHOTS, first))
    with av.open(str(path)) as container:
        field = FirstField()
        shown = [field.of(frame).to_ndarray(format="gray") for frame in container.decode(video=0)]
    luma = SHOTS @ np.array([0.299, 0.587, 0.114])
    earlier, later = (
        np.mean([np.abs(one - other[0::2]).mean() for one, other in zip(shown, luma[at::2], strict=True)])
        for at in (0, 1)
    )
    assert shown[0].shape == (64, 192)
    assert earlier < 0.8 * later


def test_frames_of_one_moment_pass_as_they_are():
    with av.open(str(footage.real("bikes"))) as container:
        frame = next(container.decode(video=0))
    assert FirstField().of(frame) is frame
