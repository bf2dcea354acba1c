"""Check drawings that clients send.

A drawing is a list of shapes. Points are shares of the width and the height of the picture, so that a drawing fits the
picture in any size.
"""

import json
import math
from typing import Any, TypedDict

from sage.errors import InvalidInput

TOOLS = {"pen": None, "arrow": 2, "box": 2}  # the number of points of a shape; None for any
COLORS = ("sage", "red", "white", "black")
MAX_SHAPES = 200
MAX_POINTS = 20_000  # of all shapes together
MAX_BYTES = 256 * 1024  # of the drawing as JSON
MARGIN = 0.1  # shares by which a point may be outside the picture
DECIMALS = 4  # of a coordinate; finer than a pixel of a picture that is 4,000 wide


class Shape(TypedDict):
    """A stroke of a pen, an arrow from its first to its second point, or a box between two corners."""

    tool: str
    color: str
    points: list[list[float]]


class Drawing(TypedDict):
    shapes: list[Shape]


def clean_drawing(data: Any) -> Drawing:
    """Return a drawing with rounded points and known keys only. Raises `InvalidInput`."""
    shapes = data.get("shapes") if isinstance(data, dict) else None
    if not isinstance(shapes, list) or not shapes:
        raise _refuse("Send a drawing as {“shapes”: […]} with at least one shape.", "invalid")
    if len(shapes) > MAX_SHAPES:
        raise _refuse(f"A drawing has at most {MAX_SHAPES} shapes. Remove some, then save it again.", "too_long")
    points = 0
    cleaned: list[Shape] = []
    for shape in shapes:
        points += len(shape["points"]) if isinstance(shape, dict) and isinstance(shape.get("points"), list) else 0
        if points > MAX_POINTS:
            raise _refuse(f"A drawing has at most {MAX_POINTS:,} points. Draw fewer strokes.", "too_long")
        cleaned.append(_clean_shape(shape))
    drawing: Drawing = {"shapes": cleaned}
    if len(json.dumps(drawing)) > MAX_BYTES:
        raise _refuse("This drawing is larger than 256 kB. Draw fewer strokes.", "too_long")
    return drawing


def _clean_shape(shape: Any) -> Shape:
    if not isinstance(shape, dict):
        raise _refuse("Each shape is an object with “tool”, “color” and “points”.", "invalid")
    tool, color, points = shape.get("tool"), shape.get("color"), shape.get("points")
    if tool not in TOOLS:
        raise _refuse(f"The tool of a shape is one of {', '.join(TOOLS)}.", "invalid_choice")
    if color not in COLORS:
        raise _refuse(f"The color of a shape is one of {', '.join(COLORS)}.", "invalid_choice")
    if not isinstance(points, list) or not points:
        raise _refuse("Give the points of each shape as [[x, y], …].", "missing")
    if TOOLS[tool] not in (None, len(points)):
        raise _refuse(f"The tool {tool} takes {TOOLS[tool]} points.", "invalid")
    return {"tool": tool, "color": color, "points": [_clean_point(point) for point in points]}


def _clean_point(point: Any) -> list[float]:
    if isinstance(point, list) and len(point) == 2 and all(_is_share(value) for value in point):
        return [round(float(value), DECIMALS) for value in point]
    raise _refuse("A point is [x, y], as shares of the width and the height of the picture from 0 to 1.", "invalid")


def _is_share(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and -MARGIN <= value <= 1 + MARGIN


def _refuse(message: str, rule: str) -> InvalidInput:
    return InvalidInput.field("drawing", f"{message} The drawing was not saved.", rule)
