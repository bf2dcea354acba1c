"""Unit tests of `script/alignment.js`, which maps time between the sides."""

from typing import Any

import pytest
from playwright.sync_api import Page

SEGMENTS = [
    {"op": "equal", "a": [0, 2], "b": [0, 2]},
    {"op": "inserted", "a": None, "b": [2, 5]},
    {"op": "moved", "a": [6, 8], "b": [5, 7]},
    {"op": "changed", "a": [2, 4], "b": [7, 11]},
    {"op": "deleted", "a": [4, 6], "b": None},
]


@pytest.fixture
def evaluate(page: Page, site: str) -> Any:
    page.goto(f"{site}/account/login/")

    def evaluate_expression(expression: str) -> Any:
        return page.evaluate(
            f"""async (segments) => {{
              const {{ Alignment }} = await import("/static/videos/compare/script/alignment.js");
              const {{ frameAt }} = await import("/static/videos/player/frame-times.js");
              const alignment = new Alignment(segments);
              return {expression};
            }}""",
            SEGMENTS,
        )

    return evaluate_expression


def test_script_time_shows_every_segment_once(evaluate: Any) -> None:
    assert evaluate("alignment.duration") == 2 + 3 + 2 + 4 + 2
    assert evaluate("alignment.steps.map((step) => step.lead).join('')") == "bbbba"


def test_time_is_linear_within_a_segment(evaluate: Any) -> None:
    position = evaluate("alignment.positionAt(9)")  # 2 s into the changed segment, which is half as fast in A
    assert (position["a"], position["b"], position["absent"]) == (3, 9, None)
    assert evaluate("alignment.followerRate(alignment.steps[3])") == 0.5


def test_a_side_without_the_segment_holds_its_last_frame(evaluate: Any) -> None:
    position = evaluate("alignment.positionAt(3)")
    assert (position["absent"], position["b"]) == ("a", 3)
    assert 1.99 < position["a"] < 2
    assert evaluate("alignment.positionAt(12).absent") == "b"


def test_seconds_of_a_side_map_to_script_time(evaluate: Any) -> None:
    assert evaluate(
        "[alignment.timeFromSide('a', 7), alignment.timeFromSide('a', 5), alignment.timeFromSide('b', 9)]"
    ) == [
        6,
        12,
        9,
    ]
    assert evaluate("[alignment.timeFromSide('b', -1), alignment.timeFromSide('b', 99)]") == [0, 11]


def test_it_finds_the_next_and_the_previous_difference(evaluate: Any) -> None:
    assert evaluate("alignment.findDifference(0, 1)") == 2
    assert evaluate("alignment.findDifference(2, 1)") == 5
    assert evaluate("alignment.findDifference(5, -1)") == 2
    assert evaluate("alignment.findDifference(2, -1)") is None


def test_a_frame_is_shown_until_the_next(evaluate: Any) -> None:
    assert evaluate("[0, 0.039, 0.04, 0.99].map((second) => frameAt([0, 0.04, 0.08], second))") == [0, 0, 1, 2]
