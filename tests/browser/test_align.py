"""The module that maps time between the sides, by itself."""

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
def ask(page: Page, site: str) -> Any:
    page.goto(f"{site}/account/login/")

    def answer(question: str) -> Any:
        return page.evaluate(
            f"""async (segments) => {{
              const {{ Alignment, frameAt }} = await import("/static/videos/align.js");
              const alignment = new Alignment(segments);
              return {question};
            }}""",
            SEGMENTS,
        )

    return answer


def test_the_walk_sees_everything_once(ask: Any) -> None:
    assert ask("alignment.length") == 2 + 3 + 2 + 4 + 2
    assert ask("alignment.steps.map((step) => step.lead).join('')") == "bbbba"


def test_time_is_linear_within_a_segment(ask: Any) -> None:
    place = ask("alignment.place(9)")  # 2 s into the changed one, which runs at half the pace in A
    assert (place["a"], place["b"], place["absent"]) == (3, 9, None)
    assert ask("alignment.ratio(alignment.steps[3])") == 0.5


def test_a_side_that_has_nothing_stays_just_before_where_it_goes_on(ask: Any) -> None:
    place = ask("alignment.place(3)")
    assert (place["absent"], place["b"]) == ("a", 3)
    assert 1.99 < place["a"] < 2
    assert ask("alignment.place(12).absent") == "b"


def test_either_side_finds_its_place_in_the_walk(ask: Any) -> None:
    assert ask("[alignment.fromSide('a', 7), alignment.fromSide('a', 5), alignment.fromSide('b', 9)]") == [6, 12, 9]
    assert ask("[alignment.fromSide('b', -1), alignment.fromSide('b', 99)]") == [0, 11]


def test_differences_follow_one_another(ask: Any) -> None:
    assert ask("alignment.difference(0, 1)") == 2
    assert ask("alignment.difference(2, 1)") == 5
    assert ask("alignment.difference(5, -1)") == 2
    assert ask("alignment.difference(2, -1)") is None


def test_a_frame_is_shown_until_the_next(ask: Any) -> None:
    assert ask("[0, 0.039, 0.04, 0.99].map((second) => frameAt([0, 0.04, 0.08], second))") == [0, 0, 1, 2]
