from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from tests.benchmarks.generated.cases import case
from tests.videos.diff.edits import (
    canonical_segments,
    film,
    marked,
    original,
    other_footage,
    render_clip,
    script,
    stored,
)
from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.script.rethreshold import rethreshold
from videos.diff.transforms.estimation import estimate_transforms


def each(change: Callable[[Image.Image], Image.Image], frames: np.ndarray | None = None) -> np.ndarray:
    return np.stack([np.asarray(change(Image.fromarray(frame))) for frame in (film() if frames is None else frames)])


def cropped(frames: np.ndarray | None = None) -> np.ndarray:
    """Return the box from (32, 27) on, 80 % wide and high, enlarged."""
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


def list_differences(result: dict) -> list[tuple]:
    return [(each["op"], each["a"], each["b"]) for each in result["segments"] if each["op"] != "equal"]


def test_a_re_encode_has_no_transform():
    assert script(original(), render_clip(film(), options={"crf": "38"}))["transforms"] == []


def test_unrelated_videos_have_no_transform():
    assert estimate_transforms(sampled(scenery(200)), sampled(scenery(220, seed=5)))[2] == []


def test_a_crop_is_reported_with_its_box():
    result = script(original(), render_clip(cropped()))
    assert [each["kind"] for each in result["transforms"]] == ["crop"]
    assert result["transforms"][0]["value"]["side"] == "a"
    assert box(result["transforms"][0]["value"]) == pytest.approx([0.1, 0.15, 0.8, 0.8], abs=0.01)
    assert list_differences(result) == []


def test_a_crop_is_reported_from_the_other_side():
    result = script(render_clip(cropped()), original())
    assert result["transforms"][0]["value"]["side"] == "b"
    assert box(result["transforms"][0]["value"]) == pytest.approx([0.1, 0.15, 0.8, 0.8], abs=0.01)
    assert list_differences(result) == []


def test_bars_are_reported_with_the_box_of_the_picture():
    result = script(original(), render_clip(barred()))
    assert result["transforms"] == [{"kind": "letterbox", "value": result["transforms"][0]["value"]}]
    assert result["transforms"][0]["value"]["side"] == "b"
    assert box(result["transforms"][0]["value"]) == pytest.approx([0, 0.125, 1, 0.75], abs=0.01)
    assert list_differences(result) == []


@pytest.mark.parametrize(
    ("turn", "name"), [((1, -1), "horizontal"), ((-1, 1), "vertical"), ((-1, -1), "both")], ids=lambda each: str(each)
)
def test_a_mirrored_picture_is_reported(turn, name):
    result = script(original(), render_clip(film()[:, :: turn[0], :: turn[1]]))
    assert result["transforms"] == [{"kind": "mirror", "value": name}]
    assert list_differences(result) == []


def test_a_grade_is_reported_with_its_values():
    result = script(original(), render_clip(graded()))
    assert [each["kind"] for each in result["transforms"]] == ["grade"]
    value = result["transforms"][0]["value"]
    assert value["gain"] == pytest.approx(0.85, abs=0.06)
    assert value["blue"] < -3 < 0 < value["red"]
    assert list_differences(result) == []


def test_a_patch_is_found_within_a_crop():
    frames = cropped()
    frames[60:130, 40:80, 200:260] = (250, 230, 20)
    result = script(original(), render_clip(frames))
    assert list_differences(result) == [("changed", [2.4, 5.2], [2.4, 5.2])]
    (region,) = next(each["regions"] for each in result["segments"] if each["op"] == "changed")
    assert box(region) == pytest.approx([200 / 320, 40 / 180, 60 / 320, 40 / 180], abs=0.03)


def test_an_insertion_is_found_in_a_mirrored_picture():
    mirrored = film()[:, :, ::-1]
    result = script(original(), render_clip(np.concatenate([mirrored[:70], other_footage(50), mirrored[70:]])))
    assert result["transforms"] == [{"kind": "mirror", "value": "horizontal"}]
    assert list_differences(result) == [("inserted", None, [2.8, 4.8])]


def test_a_patch_is_found_beneath_a_grade():
    frames = graded(marked(slice(60, 130), (slice(18, 54), slice(16, 64))))
    result = script(original(), render_clip(frames))
    assert [each["kind"] for each in result["transforms"]] == ["grade"]
    assert list_differences(result) == [("changed", [2.4, 5.2], [2.4, 5.2])]


def test_a_temporary_grade_is_a_change():
    frames = film().copy()
    frames[60:130] = graded(frames[60:130])
    result = script(original(), render_clip(frames))
    assert result["transforms"] == []
    assert list_differences(result) == [("changed", [2.4, 5.2], [2.4, 5.2])]


def patched(frames: np.ndarray) -> np.ndarray:
    frames = frames.copy()
    frames[60:130, 40:80, 200:260] = (250, 230, 20)
    return frames


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda: patched(cropped()), id="cropped"),
        pytest.param(lambda: patched(barred()), id="barred"),
        pytest.param(lambda: patched(film()[:, :, ::-1]), id="mirrored"),
        pytest.param(lambda: patched(graded(cropped())), id="graded-and-cropped"),
    ],
)
def test_a_transformed_pair_swapped_gives_the_mirrored_script(change):
    edited = render_clip(change())
    there, back = script(original(), edited), script(edited, original())
    assert [op for op, *_ in canonical_segments(there)].count("changed") == 1
    assert canonical_segments(there) == canonical_segments(back, swapped=True)
    assert [each["kind"] for each in there["transforms"]] == [each["kind"] for each in back["transforms"]]
    for one, other in zip(there["transforms"], back["transforms"], strict=True):
        if one["kind"] in ("crop", "letterbox"):
            assert {one["value"]["side"], other["value"]["side"]} == {"a", "b"}
            assert box(one["value"]) == box(other["value"])
        if one["kind"] == "grade":
            assert one["value"]["gain"] * other["value"]["gain"] == pytest.approx(1, abs=0.01)


def test_boxes_refer_to_the_second_video_in_either_order():
    edited = render_clip(patched(film()[:, :, ::-1]))
    url, there = (
        next(each["regions"] for each in script(*pair)["segments"] if each["op"] == "changed")
        for pair in ((original(), edited), (edited, original()))
    )
    assert box(url[0]) == pytest.approx([200 / 320, 40 / 180, 60 / 320, 40 / 180], abs=0.03)
    assert box(there[0]) == pytest.approx([60 / 320, 40 / 180, 60 / 320, 40 / 180], abs=0.03)


def test_exchanged_channels_of_a_white_page_with_a_small_moving_part_are_named():
    page = np.full((100, 180, 320, 3), 225, np.uint8)
    page[:, 30:150:24, 30:200] = 60
    page[:, 116:, 224:] = film()[:100, :64, :96]
    result = script(render_clip(page), render_clip(page[..., [1, 2, 0]]))
    assert result["transforms"] == [{"kind": "recolour", "value": "gbr"}]
    assert list_differences(result) == []


@pytest.mark.parametrize(
    ("frames", "there", "back"),
    [
        (lambda: 255 - film(), "negative", "negative"),
        (lambda: film()[..., [1, 2, 0]], "gbr", "brg"),
        (lambda: each(lambda frame: frame.convert("L").convert("RGB")), "grey", "coloured"),
    ],
)
def test_a_known_change_of_all_colours_is_named_in_both_directions(frames, there, back):
    changed = render_clip(frames())
    for a, b, value in ((original(), changed, there), (changed, original(), back)):
        result = script(a, b)
        assert result["transforms"] == [{"kind": "recolour", "value": value}]
        assert list_differences(result) == []


def test_a_patch_is_found_beneath_a_negative():
    frames = 255 - marked(slice(60, 130), (slice(18, 54), slice(16, 64)))
    result = script(original(), render_clip(frames))
    assert list_differences(result) == [("changed", [2.4, 5.2], [2.4, 5.2])]


def turned(frames: np.ndarray, degrees: float) -> np.ndarray:
    """Return the frames rotated clockwise, with black corners."""
    return each(lambda frame: frame.rotate(-degrees, Image.Resampling.BICUBIC), frames)


@pytest.mark.parametrize("degrees", [-2.5, 7])
def test_a_rotation_is_reported_in_degrees(degrees):
    result = script(original(), render_clip(turned(film(), degrees)))
    assert [fact["kind"] for fact in result["transforms"]] == ["rotation"]
    value = result["transforms"][0]["value"]
    assert (value["angle"] if value["side"] == "b" else -value["angle"]) == pytest.approx(degrees, abs=0.2)
    assert list_differences(result) == []


def test_a_box_in_a_rotated_picture_is_one_of_its_own_frame():
    frames = turned(film(), 5)
    frames[60:130, 70:110, 120:190] = (250, 230, 20)
    result = script(original(), render_clip(frames))
    assert list_differences(result) == [("changed", [2.4, 5.2], [2.4, 5.2])]
    (region,) = next(each["regions"] for each in result["segments"] if each["op"] == "changed")
    assert box(region) == pytest.approx([120 / 320, 70 / 180, 70 / 320, 40 / 180], abs=0.04)


@pytest.mark.parametrize("is_moving", [False, True])
def test_a_picture_in_picture_is_reported_with_its_box(is_moving):
    frames = other_footage(len(film())) if is_moving else np.repeat(other_footage(1), len(film()), axis=0)
    small = each(lambda frame: frame.resize((160, 90), Image.Resampling.BOX))
    frames[:, 60:150, 100:260] = small
    result = script(original(), render_clip(frames))
    assert [fact["kind"] for fact in result["transforms"]] == ["inset"]
    assert box(result["transforms"][0]["value"]) == pytest.approx([100 / 320, 60 / 180, 0.5, 0.5], abs=0.02)
    assert list_differences(result) == []


def test_other_footage_is_no_picture_in_picture():
    assert script(original(), render_clip(other_footage(len(film()))))["transforms"] == []


def test_files_with_other_matrices_and_right_tags_show_the_same():
    tagged = render_clip(film(), options={"x264-params": "colormatrix=smpte170m"})
    colours = {"dst_colorspace": "ITU709"}
    converted = render_clip(film(), options={"x264-params": "colormatrix=bt709"}, colours=colours)
    for pair in ((tagged, converted), (converted, tagged), (original(), converted)):
        result = script(*pair)
        assert result["transforms"] == []
        assert list_differences(result) == []


def test_a_wrong_matrix_tag_is_one_transform():
    tagged = render_clip(film(), options={"x264-params": "colormatrix=smpte170m"})
    wrong = render_clip(film(), options={"x264-params": "colormatrix=bt709"})
    result = script(tagged, wrong)
    assert [fact["kind"] for fact in result["transforms"]] == ["colour_matrix"]
    assert list_differences(result) == []


def test_full_range_is_converted_by_its_tag():
    full = {"colours": {"dst_color_range": "JPEG"}}
    tagged = render_clip(film(), options={"x264-params": "fullrange=on"}, **full)
    assert script(original(), tagged)["transforms"] == []
    result = script(original(), render_clip(film(), **full))
    assert [fact["kind"] for fact in result["transforms"]] == ["colour_range"]
    assert list_differences(result) == []


def test_slides_that_were_rotated_match_their_original():
    """Black corners differ more than the text on two slides does, so they must not count."""
    rotated = case("slides-3", "rotation", 1)
    shown = rethreshold(stored(rotated.a, rotated.b))
    assert [fact["kind"] for fact in shown["transforms"]] == ["rotation"]
    assert {segment["op"] for segment in shown["segments"]} == {"equal"}


def test_a_grade_that_clips_is_no_change_and_hides_no_logo():
    clipped = case("slides-3", "clipped-logo", 1)
    shown = rethreshold(stored(clipped.a, clipped.b))
    [changed] = [segment for segment in shown["segments"] if segment["op"] != "equal"]
    [truth] = clipped.truth
    assert changed["a"] == pytest.approx(truth.a, abs=0.1)
