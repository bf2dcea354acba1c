import pytest

from videos.comparisons.page_data import compact_segment
from videos.comparisons.screen_text import attach_texts
from videos.diff.script.rethreshold import find_kind, rethreshold
from videos.diff.script.wording import title

REGION = {"x": 0.1, "y": 0.7, "width": 0.5, "height": 0.2}
WHOLE = {"x": 0.0, "y": 0.0, "width": 1.0, "height": 1.0}
CHANGE = {
    "op": "changed",
    "a": [2.0, 4.0],
    "b": [2.0, 4.0],
    "text_a": "Doors open at 6 pm",
    "text_b": "Doors open at 7 pm",
    "box": {"x": 0.2, "y": 0.75, "width": 0.3, "height": 0.1},
}


def script(**more):
    changed = {
        "op": "changed",
        "a": [2.0, 4.0],
        "b": [2.0, 4.0],
        "distance": 0.3,
        "severity": "high",
        "regions": [REGION],
        **more,
    }
    return {
        "duration_a": 4.0,
        "duration_b": 4.0,
        "threshold": 0.1,
        "transforms": [],
        "segments": [
            {
                "op": "equal",
                "a": [0.0, 2.0],
                "b": [0.0, 2.0],
                "distance": 0.0,
                "severity": None,
                "regions": [],
            },
            changed,
        ],
    }


def attach(*changes, **more):
    return attach_texts(script(**more), changes)["segments"][1]


def test_a_line_that_changed_in_a_region_names_the_change():
    segment = attach(CHANGE, kind="text_or_logo_added", confidence=0.8)
    assert title(rethreshold({**script(), "segments": [segment]})["segments"][0]) == (
        "Text changed, “Doors open at 6 pm” → “Doors open at 7 pm”, 2.0 s"
    )
    assert find_kind(segment) == ("text_changed", 0.9)
    assert compact_segment(segment)[-3:-1] == ("text_changed", ["Doors open at 6 pm", "Doors open at 7 pm"])


@pytest.mark.parametrize(
    "change",
    [
        {**CHANGE, "op": "inserted", "text_a": "", "a": None},
        {**CHANGE, "b": [0.0, 2.5]},
        {**CHANGE, "box": {"x": 0.2, "y": 0.1, "width": 0.3, "height": 0.1}},
    ],
    ids=["added", "at another time", "at another place"],
)
def test_other_lines_do_not_name_it(change):
    assert "texts" not in attach(change)


def test_a_change_of_the_whole_picture_is_not_named_by_a_line():
    assert "texts" not in attach(CHANGE, regions=[WHOLE])


def test_a_blur_over_a_line_stays_a_blur():
    segment = attach(CHANGE, kind="softer", confidence=0.8)
    assert find_kind(segment) == ("softer", 0.8)


def test_long_texts_are_shortened():
    assert attach({**CHANGE, "text_b": "word " * 30})["texts"][1] == "word word word word word word word word…"


def test_texts_are_removed_when_the_line_is_not_read_any_more():
    named = attach_texts(script(), [CHANGE])
    assert attach_texts(named, []) == script()
