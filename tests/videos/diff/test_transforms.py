from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from tests.videos.diff.prints import sampled, scenery
from tests.videos.diff.versions import facts, film, marked, of, original, script, stranger
from videos.diff.transforms import alike


def each(change: Callable[[Image.Image], Image.Image], frames: np.ndarray | None = None) -> np.ndarray:
    return np.stack([np.asarray(change(Image.fromarray(frame))) for frame in (film() if frames is None else frames)])


def cropped(frames: np.ndarray | None = None) -> np.ndarray:
    """The box from (32, 27) on, 80 % wide and high, enlarged."""
    return each(lambda frame: frame.resize((320, 180), Image.Resampling.BICUBIC, (32, 27, 288, 171)), frames)


def barred() -> np.ndarray:
    tall = np.zeros((len(film()), 240, 320, 3), np.uint8)
    tall[:, 30:210] = film()
    return tall


def graded(frames: np.ndarray | None = None) -> np.ndarray:
    levels = (film() if frames is None else frames) * np.array([0.9, 0.85, 0.7]) + 20
    return levels.clip(0, 255).astype(np.uint8)


def box(value: dict) -> list[float]:
    return [value[name] for name in ("x", "y", "width", "height")]


def differing(told: dict) -> list[tuple]:
    return [(each["op"], each["a"], each["b"]) for each in told["segments"] if each["op"] != "equal"]


def test_nothing_is_named_where_nothing_was_done():
    assert script(original(), of("re-encoded", film(), options={"crf": "38"}))["transforms"] == []


def test_strangers_have_no_transform_in_common():
    assert alike(sampled(scenery(200)), sampled(scenery(220, seed=5)))[2] == []


def test_a_crop_is_named_with_its_box():
    told = script(original(), of("cropped", cropped()))
    assert [each["kind"] for each in told["transforms"]] == ["crop"]
    assert told["transforms"][0]["value"]["side"] == "a"
    assert box(told["transforms"][0]["value"]) == pytest.approx([0.1, 0.15, 0.8, 0.8], abs=0.01)
    assert differing(told) == []


def test_a_crop_is_named_from_the_other_side():
    told = script(of("cropped", cropped()), original())
    assert told["transforms"][0]["value"]["side"] == "b"
    assert box(told["transforms"][0]["value"]) == pytest.approx([0.1, 0.15, 0.8, 0.8], abs=0.01)
    assert differing(told) == []


def test_bars_are_named_with_the_box_of_the_picture():
    told = script(original(), of("barred", barred()))
    assert told["transforms"] == [{"kind": "letterbox", "value": told["transforms"][0]["value"]}]
    assert told["transforms"][0]["value"]["side"] == "b"
    assert box(told["transforms"][0]["value"]) == pytest.approx([0, 0.125, 1, 0.75], abs=0.01)
    assert differing(told) == []


@pytest.mark.parametrize(
    ("turn", "name"), [((1, -1), "horizontal"), ((-1, 1), "vertical"), ((-1, -1), "both")], ids=lambda each: str(each)
)
def test_a_mirrored_picture_is_named(turn, name):
    told = script(original(), of(f"mirrored-{name}", film()[:, :: turn[0], :: turn[1]]))
    assert told["transforms"] == [{"kind": "mirror", "value": name}]
    assert differing(told) == []


def test_a_grade_is_named_with_what_it_does():
    told = script(original(), of("graded", graded()))
    assert [each["kind"] for each in told["transforms"]] == ["grade"]
    value = told["transforms"][0]["value"]
    assert value["gain"] == pytest.approx(0.85, abs=0.06)
    assert value["blue"] < -3 < 0 < value["red"]
    assert differing(told) == []


def test_a_patch_is_found_within_a_crop():
    frames = cropped()
    frames[60:130, 40:80, 200:260] = (250, 230, 20)
    told = script(original(), of("cropped-marked", frames))
    assert differing(told) == [("changed", [2.4, 5.2], [2.4, 5.2])]
    (region,) = next(each["regions"] for each in told["segments"] if each["op"] == "changed")
    assert box(region) == pytest.approx([200 / 320, 40 / 180, 60 / 320, 40 / 180], abs=0.03)


def test_an_insertion_is_found_in_a_mirrored_picture():
    mirrored = film()[:, :, ::-1]
    told = script(original(), of("mirrored-longer", np.concatenate([mirrored[:70], stranger(50), mirrored[70:]])))
    assert told["transforms"] == [{"kind": "mirror", "value": "horizontal"}]
    assert differing(told) == [("inserted", None, [2.8, 4.8])]


def test_a_patch_is_found_beneath_a_grade():
    frames = graded(marked(slice(60, 130), (slice(18, 54), slice(16, 64))))
    told = script(original(), of("graded-marked", frames))
    assert [each["kind"] for each in told["transforms"]] == ["grade"]
    assert differing(told) == [("changed", [2.4, 5.2], [2.4, 5.2])]


def test_a_grade_over_a_while_is_a_change():
    frames = film().copy()
    frames[60:130] = graded(frames[60:130])
    told = script(original(), of("graded-while", frames))
    assert told["transforms"] == []
    assert differing(told) == [("changed", [2.4, 5.2], [2.4, 5.2])]


def patched(frames: np.ndarray) -> np.ndarray:
    frames = frames.copy()
    frames[60:130, 40:80, 200:260] = (250, 230, 20)
    return frames


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("cropped-marked", lambda: patched(cropped())),
        ("barred-marked", lambda: patched(barred())),
        ("mirrored-marked", lambda: patched(film()[:, :, ::-1])),
        ("graded-cropped-marked", lambda: patched(graded(cropped()))),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_transformed_pair_swapped_gives_the_mirrored_script(name, change):
    edited = of(name, change())
    there, back = script(original(), edited), script(edited, original())
    assert [op for op, *_ in facts(there)].count("changed") == 1
    assert facts(there) == facts(back, swapped=True)
    assert [each["kind"] for each in there["transforms"]] == [each["kind"] for each in back["transforms"]]
    for one, other in zip(there["transforms"], back["transforms"], strict=True):
        if one["kind"] in ("crop", "letterbox"):
            assert {one["value"]["side"], other["value"]["side"]} == {"a", "b"}
            assert box(one["value"]) == box(other["value"])
        if one["kind"] == "grade":
            assert one["value"]["gain"] * other["value"]["gain"] == pytest.approx(1, abs=0.01)


def test_boxes_are_of_the_second_frame_whichever_way_round():
    edited = of("mirrored-marked", patched(film()[:, :, ::-1]))
    here, there = (
        next(each["regions"] for each in script(*pair)["segments"] if each["op"] == "changed")
        for pair in ((original(), edited), (edited, original()))
    )
    assert box(here[0]) == pytest.approx([200 / 320, 40 / 180, 60 / 320, 40 / 180], abs=0.03)
    assert box(there[0]) == pytest.approx([60 / 320, 40 / 180, 60 / 320, 40 / 180], abs=0.03)
