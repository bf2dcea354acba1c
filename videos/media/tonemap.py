"""Tone map high dynamic range (PQ and HLG of BT.2100) to BT.709, also as a cube for FFmpeg's `lut3d`."""

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PQ, HLG = 16, 18  # transfer characteristics as numbered in ITU-T H.273
CUBE_POINTS = 33  # points of the cube along each axis
MASTERING_NITS = 1000.0  # peak luminance of the mastering display, in cd/m²; typical for films
WHITE_NITS = 203.0  # HDR reference white of BT.2408, in cd/m²; the brightest level of the SDR display here
DISPLAY_GAMMA = 2.4  # gamma of the SDR display (BT.1886)
# Matrix from BT.2020 to BT.709 primaries (BT.2087, annex 2).
BT2020_TO_BT709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])
BT2020_LUMA = np.array([0.2627, 0.678, 0.0593])  # luma coefficients of BT.2020


def is_hdr(frame: VideoFrame) -> bool:
    """Return whether a frame is tagged with PQ or HLG."""
    return int(frame.color_trc or 0) in (PQ, HLG)


def convert_to_sdr(rgb: Floats, transfer: int) -> Floats:
    """Convert code values (..., 3) from 0 to 1 under PQ or HLG with BT.2020 primaries to BT.709 on a BT.1886 display.

    The largest of the three channels passes through the roll-off of BT.2390, annex 5, and scales the others, so that
    hue and the order of brightness are preserved.
    """
    nits = _pq_to_nits(rgb) if transfer == PQ else _hlg_to_nits(rgb)
    peak = nits.max(axis=-1, keepdims=True)
    mapped = nits * np.divide(_roll_off(peak), peak, out=np.zeros_like(peak), where=peak > 0)
    linear = np.clip((mapped / WHITE_NITS) @ BT2020_TO_BT709.T, 0, 1)
    screen: Floats = linear ** (1 / DISPLAY_GAMMA)
    return screen


def write_cube(transfer: int) -> str:
    """Return the text of a `.cube` file, with red varying fastest."""
    steps = np.linspace(0, 1, CUBE_POINTS)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    values = convert_to_sdr(np.stack([red, green, blue], axis=-1), transfer).reshape(-1, 3)
    lines = [f"{red:.6f} {green:.6f} {blue:.6f}" for red, green, blue in values]
    return "\n".join([f"LUT_3D_SIZE {CUBE_POINTS}", *lines, ""])


def _pq_to_nits(code: Floats) -> Floats:
    """Return luminance by the EOTF of SMPTE ST 2084."""
    powered = np.power(np.clip(code, 0, 1), 1 / 78.84375)
    share: Floats = np.maximum(powered - 0.8359375, 0) / (18.8515625 - 18.6875 * powered)
    nits: Floats = 10000 * np.power(share, 1 / 0.1593017578125)
    return nits


def _nits_to_pq(nits: Floats) -> Floats:
    """Return code values by the inverse EOTF of SMPTE ST 2084."""
    powered = np.power(np.clip(nits, 0, 10000) / 10000, 0.1593017578125)
    code: Floats = np.power((0.8359375 + 18.8515625 * powered) / (1 + 18.6875 * powered), 78.84375)
    return code


def _hlg_to_nits(code: Floats) -> Floats:
    """Return luminance by the inverse OETF of BT.2100 and its OOTF for a display of 1,000 cd/m²."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    clipped = np.clip(code, 0, 1)
    scene = np.where(clipped <= 0.5, np.square(clipped) / 3, (np.exp((clipped - c) / a) + b) / 12)
    luma = (scene @ BT2020_LUMA)[..., None]
    nits: Floats = MASTERING_NITS * np.power(luma, 0.2, out=np.zeros_like(luma), where=luma > 0) * scene
    return nits


def _roll_off(nits: Floats) -> Floats:
    """Return luminance after the EETF of BT.2390: unchanged below a knee, a Hermite spline above it."""
    top = float(_nits_to_pq(np.array(MASTERING_NITS)))
    most = float(_nits_to_pq(np.array(WHITE_NITS))) / top
    knee = 1.5 * most - 0.5
    code = np.clip(_nits_to_pq(nits) / top, 0, 1)
    t = (code - knee) / (1 - knee)
    spline = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (-2 * t**3 + 3 * t**2) * most
    return _pq_to_nits(np.where(code < knee, code, spline) * top)
