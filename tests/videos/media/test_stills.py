from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tests import footage
from videos.media.frames import open_frame_seeker
from videos.media.stills import FrameScaler, JpegWriter, displayed_size, fit_width


def quarters(**how):
    """Return a clip whose quarters are red, green, blue and white, in rows from the top left."""
    frame = np.zeros((180, 320, 3), np.uint8)
    frame[:90, :160], frame[:90, 160:], frame[90:, :160], frame[90:, 160:] = (
        (255, 0, 0),
        (0, 255, 0),
        (0, 0, 255),
        (255, 255, 255),
    )
    return footage.clip("quarters", lambda: [frame] * 3, **how)


def corner_colours(pixels) -> list[str]:
    names = {(True, False, False): "red", (False, True, False): "green", (False, False, True): "blue"}
    height, width = pixels.shape[:2]
    places = [(height // 4, width // 4), (height // 4, -width // 4), (-height // 4, width // 4)]
    return [names[tuple(bool(value > 128) for value in pixels[place])] for place in places]


@pytest.mark.parametrize(
    ("rotation", "shape", "corners"),
    [
        (0, (90, 160), ["red", "green", "blue"]),
        (90, (160, 90), ["green", None, "red"]),
        (180, (90, 160), [None, "blue", "green"]),
        (-90, (160, 90), ["blue", "red", None]),
    ],
)
def test_pictures_are_turned_upright(tmp_path, rotation, shape, corners):
    with open_frame_seeker(str(quarters(rotation=rotation))) as seeker:
        frame = seeker.at(0)
        assert frame.rotation in (rotation, -180)
        pixels = FrameScaler().scale_to_rgb(frame, shape[1], shape[0])
    assert pixels.shape[:2] == shape
    for wanted, place in zip(corners, ((0.25, 0.25), (0.25, 0.75), (0.75, 0.25)), strict=True):
        value = pixels[int(place[0] * shape[0]), int(place[1] * shape[1])] > 128
        assert wanted is None or value.tolist() == [wanted == "red", wanted == "green", wanted == "blue"]


def test_a_still_is_a_jpeg_of_the_displayed_shape(tmp_path):
    with open_frame_seeker(str(footage.real("bigbuckbunny"))) as seeker:
        JpegWriter(1.0).write(seeker.at(1), tmp_path / "still.jpg")
    picture = Image.open(BytesIO((tmp_path / "still.jpg").read_bytes()))
    assert (picture.format, picture.size) == ("JPEG", (480, 270))


def test_a_still_has_the_colours_of_the_frame(tmp_path):
    with open_frame_seeker(str(quarters())) as seeker:
        JpegWriter(1.0).write(seeker.at(0), tmp_path / "still.jpg")
    assert corner_colours(np.asarray(Image.open(tmp_path / "still.jpg"))) == ["red", "green", "blue"]


def test_wide_pixels_widen_the_picture():
    assert displayed_size(720, 576, 16 / 15, 0) == (768, 576)
    assert displayed_size(720, 576, 16 / 15, 1) == (576, 768)


def test_small_pictures_are_not_enlarged():
    assert fit_width(320, 180, 480) == (320, 180)
    assert fit_width(1920, 1080, 480) == (480, 270)
    assert fit_width(4000, 1, 480) == (480, 2)


def test_planes_are_upright_too():
    with open_frame_seeker(str(quarters(rotation=90))) as seeker:
        luma, blue, red = FrameScaler().scale_to_planes(seeker.at(0), 90, 160)
    assert luma.shape == blue.shape == red.shape == (160, 90)
    assert luma[40, 70] == luma.max()


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_an_hdr_ramp_stays_in_order_and_fills_the_sdr_range(tmp_path, transfer):
    film = footage.bright_ramp(tmp_path / "ramp.mp4", transfer)
    with open_frame_seeker(str(film)) as seeker:
        JpegWriter(1.0).write(seeker.at(0), tmp_path / "still.jpg")
    pixels = np.asarray(Image.open(tmp_path / "still.jpg")).astype(float)
    luma = pixels.mean(axis=(0, 2))
    assert (np.diff(luma) > -2).all()
    assert luma[:3].mean() < 4
    assert luma[-3:].mean() > 250
    assert np.abs(pixels - pixels.mean(axis=2, keepdims=True)).max() < 6  # grey stays grey
    code = {"smpte2084": 0.58, "arib-std-b67": 0.75}[transfer]  # the code value of diffuse white, 203 cd/m2
    assert 170 < luma[round(320 * code)] < 245  # near the top, with room for highlights
