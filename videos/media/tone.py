"""High dynamic range shown on ordinary screens: PQ and HLG of BT.2100 to BT.709, as a cube for FFmpeg's `lut3d`."""

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PQ, HLG = 16, 18  # as H.273 numbers transfer characteristics
POINTS = 33  # of the cube, along each side
MASTERED_NITS = 1000.0  # what most films are mastered for
WHITE_NITS = 203.0  # diffuse white in HDR, BT.2408; here the brightest that the screen shows
SCREEN_GAMMA = 2.4  # BT.1886
TO_709 = np.array(  # from the primaries of BT.2020, BT.2087 annex 2
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
)
LUMA_2020 = np.array([0.2627, 0.678, 0.0593])


def is_hdr(frame: VideoFrame) -> bool:
    return int(frame.color_trc or 0) in (PQ, HLG)


def to_sdr(rgb: Floats, transfer: int) -> Floats:
    """(..., 3) code values from 0 to 1 under PQ or HLG with BT.2020 primaries, as those of BT.709 on a BT.1886 screen.

    The brightest of the three channels goes through the roll-off of BT.2390, annex 5, and takes the others along, so
    that hues stay; order of brightness stays as well.
    """
    nits = _pq_to_nits(rgb) if transfer == PQ else _hlg_to_nits(rgb)
    brightest = nits.max(axis=-1, keepdims=True)
    shown = nits * np.divide(_rolled_off(brightest), brightest, out=np.zeros_like(brightest), where=brightest > 0)
    linear = np.clip((shown / WHITE_NITS) @ TO_709.T, 0, 1)
    screen: Floats = linear ** (1 / SCREEN_GAMMA)
    return screen


def cube(transfer: int) -> str:
    """The text of a `.cube` file, red fastest."""
    steps = np.linspace(0, 1, POINTS)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    values = to_sdr(np.stack([red, green, blue], axis=-1), transfer).reshape(-1, 3)
    lines = [f"{red:.6f} {green:.6f} {blue:.6f}" for red, green, blue in values]
    return "\n".join([f"LUT_3D_SIZE {POINTS}", *lines, ""])


def _pq_to_nits(code: Floats) -> Floats:
    """SMPTE ST 2084's EOTF."""
    powered = np.power(np.clip(code, 0, 1), 1 / 78.84375)
    share: Floats = np.maximum(powered - 0.8359375, 0) / (18.8515625 - 18.6875 * powered)
    nits: Floats = 10000 * np.power(share, 1 / 0.1593017578125)
    return nits


def _nits_to_pq(nits: Floats) -> Floats:
    powered = np.power(np.clip(nits, 0, 10000) / 10000, 0.1593017578125)
    code: Floats = np.power((0.8359375 + 18.8515625 * powered) / (1 + 18.6875 * powered), 78.84375)
    return code


def _hlg_to_nits(code: Floats) -> Floats:
    """BT.2100's inverse OETF, then its OOTF for a screen of 1,000 nits."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    clipped = np.clip(code, 0, 1)
    scene = np.where(clipped <= 0.5, np.square(clipped) / 3, (np.exp((clipped - c) / a) + b) / 12)
    luma = (scene @ LUMA_2020)[..., None]
    nits: Floats = MASTERED_NITS * np.power(luma, 0.2, out=np.zeros_like(luma), where=luma > 0) * scene
    return nits


def _rolled_off(nits: Floats) -> Floats:
    """BT.2390's EETF from what was mastered to what is shown: as it is below a knee, a Hermite spline above it."""
    top = float(_nits_to_pq(np.array(MASTERED_NITS)))
    most = float(_nits_to_pq(np.array(WHITE_NITS))) / top
    knee = 1.5 * most - 0.5
    code = np.clip(_nits_to_pq(nits) / top, 0, 1)
    t = (code - knee) / (1 - knee)
    spline = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (-2 * t**3 + 3 * t**2) * most
    return _pq_to_nits(np.where(code < knee, code, spline) * top)
