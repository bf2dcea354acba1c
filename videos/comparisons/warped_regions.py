"""Map boxes of B's frame to A's frame through a rotation or a lens distortion, as `image-registration.js` does.

This repeats `videos.diff.sampling.warp` without NumPy, which web processes must not import.
"""

import math

from videos.diff.script.stored import StoredBox, StoredWarp

EDGE_STEPS = 8  # steps along each edge of a box that is mapped
INVERSION_ROUNDS = 20  # of the fixed-point iteration that inverts the lens distortion

Point = tuple[float, float]


def map_warped_region(region: StoredBox, warp: StoredWarp) -> StoredBox:
    """Return the box of A's frame around a box of B's frame."""
    shares = [step / EDGE_STEPS for step in range(EDGE_STEPS + 1)]
    edges = [point for share in shares for point in ((share, 0.0), (share, 1.0), (0.0, share), (1.0, share))]
    mapped = [
        _map_point((region["x"] + x * region["width"], region["y"] + y * region["height"]), warp) for x, y in edges
    ]
    left, right = (_limit(extreme(x for x, _ in mapped)) for extreme in (min, max))
    top, bottom = (_limit(extreme(y for _, y in mapped)) for extreme in (min, max))
    return {
        "x": round(left, 4),
        "y": round(top, 4),
        "width": round(right - left, 4),
        "height": round(bottom - top, 4),
    }


def _limit(share: float) -> float:
    return min(1.0, max(0.0, share))


def _map_point(point: Point, warp: StoredWarp) -> Point:
    """Return where a point of B's frame is in A's frame, both as fractions."""
    unit_y = 2 / math.hypot(warp["aspect"], 1)
    unit_x = warp["aspect"] * unit_y
    if warp["side"] == "a":
        x, y = (point[0] - 0.5) * unit_x, (point[1] - 0.5) * unit_y
        factor = _distort(x * x + y * y, warp) * warp["scale"]
        x, y = _turn(x * factor, y * factor, warp["angle"])
        return x / unit_x + 0.5 + warp["x"], y / unit_y + 0.5 + warp["y"]
    x, y = (point[0] - 0.5 - warp["x"]) * unit_x, (point[1] - 0.5 - warp["y"]) * unit_y
    wanted_x, wanted_y = _turn(x / warp["scale"], y / warp["scale"], -warp["angle"])
    x, y = wanted_x, wanted_y
    for _ in range(INVERSION_ROUNDS):
        factor = min(2.0, max(0.5, _distort(min(2.0, x * x + y * y), warp)))
        x, y = wanted_x / factor, wanted_y / factor
    return x / unit_x + 0.5, y / unit_y + 0.5


def _distort(square: float, warp: StoredWarp) -> float:
    return 1 + warp["lens"] * square + warp["lens_2"] * square * square


def _turn(x: float, y: float, degrees: float) -> Point:
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return cosine * x - sine * y, sine * x + cosine * y
