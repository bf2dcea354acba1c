import numpy as np
import pytest

from videos.media import tonemap


def greys(transfer, count=257):
    codes = np.linspace(0, 1, count)
    return codes, tonemap.convert_to_sdr(np.repeat(codes[:, None], 3, axis=1), transfer)


@pytest.mark.parametrize("transfer", [tonemap.PQ, tonemap.HLG])
def test_a_ramp_stays_in_order_from_black_to_white(transfer):
    _, shown = greys(transfer)

    assert (np.diff(shown[:, 0]) >= 0).all()
    assert shown[0, 0] == 0
    assert shown[-1, 0] == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("transfer", [tonemap.PQ, tonemap.HLG])
def test_grey_stays_grey(transfer):
    _, shown = greys(transfer)

    assert np.ptp(shown, axis=1).max() < 0.004


def test_dark_tones_keep_their_luminance():
    code = 0.3  # of PQ: 10.1 cd/m2, by the tables of BT.2100
    [[shown, _, _]] = tonemap.convert_to_sdr(np.full((1, 3), code), tonemap.PQ)

    assert shown**tonemap.DISPLAY_GAMMA * tonemap.WHITE_NITS == pytest.approx(10.1, abs=0.3)


def test_a_colour_keeps_its_hue_under_the_roll_off():
    [[red, green, blue]] = tonemap.convert_to_sdr(np.array([[0.70, 0.60, 0.55]]), tonemap.PQ)

    assert red > green > blue > 0


def test_the_cube_has_a_line_for_every_point_red_fastest():
    lines = tonemap.write_cube(tonemap.PQ).splitlines()

    assert lines[0] == "LUT_3D_SIZE 33"
    assert len(lines) == 1 + 33**3
    second, last_red = (np.array(lines[place].split(), float) for place in (2, 33))
    assert second[0] >= second[1] and last_red[0] > 0.9
