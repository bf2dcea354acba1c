"""Drawings that clients send are checked."""

import pytest

from notes.attachments.drawings import MAX_POINTS, MAX_SHAPES, clean_drawing
from sage.errors import InvalidInput

pytestmark = pytest.mark.fast
ARROW = {"tool": "arrow", "color": "red", "points": [[0.25, 0], [1, 0.123456]]}
PEN = {"tool": "pen", "color": "sage", "points": [[0.5, 0.5]]}


def draw(*shapes):
    return {"shapes": list(shapes)}


def refuse(data) -> str:
    with pytest.raises(InvalidInput) as error:
        clean_drawing(data)
    return error.value.message


def test_points_are_rounded_and_unknown_keys_dropped():
    cleaned = clean_drawing({**draw({**ARROW, "onclick": "x"}), "script": "y"})

    assert cleaned == draw({**ARROW, "points": [[0.25, 0.0], [1.0, 0.1235]]})


@pytest.mark.parametrize(
    "data",
    [None, [], {}, draw(), "{}", draw(None), draw({}), draw({**PEN, "tool": "text"}), draw({**PEN, "color": "#f00"})],
)
def test_other_json_is_refused(data):
    assert refuse(data).endswith("The drawing was not saved.")


@pytest.mark.parametrize(
    "points",
    [
        [],
        [[0.5]],
        [[0.5, 0.5, 0.5]],
        [[0.5, "0.5"]],
        [[True, 0]],
        [[float("nan"), 0]],
        [[float("inf"), 0]],
        [[2, 0]],
        "x",
    ],
)
def test_other_points_are_refused(points):
    refuse(draw({**PEN, "points": points}))


def test_an_arrow_and_a_box_have_two_points():
    assert "takes 2 points" in refuse(draw({**ARROW, "points": [[0, 0]]}))
    assert "takes 2 points" in refuse(draw({**ARROW, "tool": "box", "points": [[0, 0]] * 3}))


def test_a_drawing_has_limits():
    assert "at most 200 shapes" in refuse(draw(*[PEN] * (MAX_SHAPES + 1)))
    assert "at most 20,000 points" in refuse(draw({**PEN, "points": [[0.5, 0.5]] * (MAX_POINTS + 1)}))
    assert "at most 20,000 points" in refuse(draw({**PEN, "points": [[0.5, 0.5]] * 1_000_000}))
    assert "larger than 256 kB" in refuse(draw({**PEN, "points": [[0.1234, 0.1234]] * MAX_POINTS}))
