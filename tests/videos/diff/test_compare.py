import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests import footage
from tests.videos.diff.versions import facts, film, marked, of, original, script, spliced, stranger, told
from videos.diff.compare import compare
from videos.diff.ingest import ingest
from videos.media.errors import MediaError

CORNER = (slice(18, 54), slice(16, 64))  # rows and columns of a fifth by a seventh of the frame


def iou(region, rows: slice, columns: slice) -> float:
    left, right = region["x"] * 320, (region["x"] + region["width"]) * 320
    top, bottom = region["y"] * 180, (region["y"] + region["height"]) * 180
    wide = max(0, min(right, columns.stop) - max(left, columns.start))
    high = max(0, min(bottom, rows.stop) - max(top, rows.start))
    true = (rows.stop - rows.start) * (columns.stop - columns.start)
    return wide * high / (true + (right - left) * (bottom - top) - wide * high)


# What is the same


def test_a_video_equals_itself():
    same = script(original(), original())
    assert [segment["op"] for segment in same["segments"]] == ["equal"]
    assert same["similarity_percent"] == 100.0
    assert same["segments"][0]["a"] == same["segments"][0]["b"] == [0.0, 8.0]


@pytest.mark.parametrize(
    "how",
    [
        {"options": {"crf": "32"}},
        {"options": {"crf": "38"}},
        {"size": (160, 90)},
        {"size": (480, 270)},
        {"size": (319, 179), "pixel_format": "yuv444p"},
        {"codec": "libvpx-vp9", "options": {"b": "300k", "deadline": "realtime", "cpu-used": "8"}, "suffix": ".webm"},
        {"codec": "mpeg4", "options": {"b": "600k"}},
        {
            "codec": "libx265",
            "pixel_format": "yuv420p10le",
            "options": {"preset": "ultrafast", "x265-params": "log-level=none"},
        },
    ],
)
def test_a_re_encode_is_no_difference(how):
    assert told(original(), of("re-encoded", film(), **how)) == [("equal", [0.0, 8.0], [0.0, 8.0])]


@pytest.mark.parametrize("rate", [15, 30, 50])
def test_another_frame_rate_is_no_difference(rate):
    shown = film()[(np.arange(8 * rate) * 25 / rate + 1e-9).astype(int)]
    assert [op for op, *_ in told(original(), of("rate", shown, rate=rate))] == ["equal"]


def test_left_out_frames_are_no_difference():
    kept = np.random.default_rng(2).random(200) < 0.7
    kept[[0, -1]] = True
    times = tuple((np.flatnonzero(kept) / 25).tolist())
    assert [op for op, *_ in told(original(), of("uneven", film()[kept], ".mkv", times=times))] == ["equal"]


def test_frames_that_either_side_lost_are_no_difference():
    quick = footage.pixels("bikes", 320, 180)[:150]  # so much moves between two frames that the next is no match
    sides = []
    for seed in (1, 2):
        kept = np.random.default_rng(seed).random(len(quick)) < 0.88
        kept[[0, -1]] = True
        times = tuple((np.flatnonzero(kept) / 25).tolist())
        sides.append(of(f"lost-{seed}", quick[kept], ".mkv", times=times))
    assert [op for op, *_ in told(*sides)] == ["equal"]


def test_a_turned_file_is_the_same_where_it_says_so():
    turned = of("turned", np.rot90(film(), 1, (2, 1)), rotation=90)
    assert [op for op, *_ in told(original(), turned)] == ["equal"]


def test_the_same_pair_gives_the_same_script():
    other = of("corner", marked(slice(60, 130), CORNER))
    assert script(original(), other) == script(original(), other)


@pytest.mark.parametrize(("level", "at"), [(0, 103), (0, 20)])
def test_a_single_black_frame_is_found(level, at):
    frames = film().copy()
    frames[at] = level
    assert told(original(), of(f"glitch-{at}", frames)) == [
        ("equal", [0.0, at / 25], [0.0, at / 25]),
        ("changed", [at / 25, (at + 1) / 25], [at / 25, (at + 1) / 25]),
        ("equal", [(at + 1) / 25, 8.0], [(at + 1) / 25, 8.0]),
    ]


# What was cut


def test_it_finds_an_insertion():
    longer = of("inserted", spliced(film()[:70], stranger(30), film()[70:]))
    assert told(original(), longer) == [
        ("equal", [0.0, 2.8], [0.0, 2.8]),
        ("inserted", None, [2.8, 4.0]),
        ("equal", [2.8, 8.0], [4.0, 9.2]),
    ]


def test_it_finds_half_a_second_that_was_deleted():
    shorter = of("deleted", spliced(film()[:100], film()[112:]))
    assert told(original(), shorter) == [
        ("equal", [0.0, 4.0], [0.0, 4.0]),
        ("deleted", [4.0, 4.48], None),
        ("equal", [4.48, 8.0], [4.0, 7.52]),
    ]


def test_it_finds_what_was_deleted_at_either_end():
    assert told(original(), of("middle", film()[40:150])) == [
        ("deleted", [0.0, 1.6], None),
        ("equal", [1.6, 6.0], [0.0, 4.4]),
        ("deleted", [6.0, 8.0], None),
    ]


def test_it_finds_a_replacement_of_equal_length():
    other = of("replaced", spliced(film()[:50], stranger(50), film()[100:]))
    assert told(original(), other) == [
        ("equal", [0.0, 2.0], [0.0, 2.0]),
        ("changed", [2.0, 4.0], [2.0, 4.0]),
        ("equal", [4.0, 8.0], [4.0, 8.0]),
    ]


def test_it_finds_a_replacement_of_other_length():
    other = of("exchanged", spliced(film()[:50], stranger(80), film()[100:]))
    assert told(original(), other) == [
        ("equal", [0.0, 2.0], [0.0, 2.0]),
        ("changed", [2.0, 4.0], [2.0, 5.2]),
        ("equal", [4.0, 8.0], [5.2, 9.2]),
    ]


def test_the_shorter_side_of_a_move_has_moved():
    other = of("moved", spliced(film()[:40], film()[80:160], film()[40:80], film()[160:]))
    assert told(original(), other) == [
        ("equal", [0.0, 1.6], [0.0, 1.6]),
        ("equal", [3.2, 6.4], [1.6, 4.8]),
        ("moved", [1.6, 3.2], [4.8, 6.4]),
        ("equal", [6.4, 8.0], [6.4, 8.0]),
    ]


def moved_with_a_mark() -> footage.Frames:
    return spliced(film()[:40], film()[80:160], marked(slice(40, 80), CORNER)[40:80], film()[160:])


def test_footage_that_moved_says_what_changed_in_it():
    found = script(original(), of("moved-and-marked", moved_with_a_mark()))
    (segment,) = (segment for segment in found["segments"] if segment["op"] == "moved")
    assert (segment["a"], segment["b"]) == ([1.6, 3.2], [4.8, 6.4])
    assert segment["distance"] > found["threshold"]
    assert iou(segment["regions"][0], *CORNER) > 0.8
    (untouched,) = (
        segment for segment in script(original(), versions()["moved"])["segments"] if segment["op"] == "moved"
    )
    assert (untouched["distance"], untouched["regions"]) == (None, [])


def test_it_finds_several_edits_between_unlike_encodes():
    pieces = spliced(film()[:30], stranger(25), film()[30:80], film()[110:])
    other = of("several", pieces, rate=25, size=(240, 134), options={"crf": "30"})
    assert told(original(), other) == [
        ("equal", [0.0, 1.2], [0.0, 1.2]),
        ("inserted", None, [1.2, 2.2]),
        ("equal", [1.2, 3.2], [2.2, 4.2]),
        ("deleted", [3.2, 4.4], None),
        ("equal", [4.4, 8.0], [4.2, 7.8]),
    ]


# What changed in the frame


def test_it_finds_a_logo_over_a_range_and_boxes_it():
    found = script(original(), of("corner", marked(slice(60, 130), CORNER)))["segments"]
    assert [(segment["op"], segment["a"]) for segment in found] == [
        ("equal", [0.0, 2.4]),
        ("changed", [2.4, 5.2]),
        ("equal", [5.2, 8.0]),
    ]
    assert len(found[1]["regions"]) == 1
    assert iou(found[1]["regions"][0], *CORNER) > 0.85


def test_what_is_equal_around_a_change_keeps_a_small_distance():
    found = script(original(), of("corner", marked(slice(60, 130), CORNER)))
    before, change, after = (segment["distance"] for segment in found["segments"])
    assert max(before, after) <= found["threshold"] < change


def test_it_finds_a_faint_logo():
    frames = film().astype(np.float32)
    frames[60:130, CORNER[0], CORNER[1]] = frames[60:130, CORNER[0], CORNER[1]] * 0.6 + 0.4 * 250
    found = script(original(), of("faint", frames.astype(np.uint8)))["segments"]
    assert [segment["op"] for segment in found] == ["equal", "changed", "equal"]
    assert found[1]["a"] == [2.4, 5.2]


def test_two_changes_at_once_have_two_boxes():
    frames = marked(slice(60, 130), CORNER)
    other = (slice(130, 166), slice(240, 300))
    frames[60:130, other[0], other[1]] = (20, 20, 240)
    found = script(original(), of("two-corners", frames))["segments"]
    assert len(found) == 3
    boxes = found[1]["regions"]
    assert max(iou(box, *CORNER) for box in boxes) > 0.8
    assert max(iou(box, *other) for box in boxes) > 0.8


def test_changes_that_overlap_in_time_are_told_apart():
    frames = marked(slice(60, 130), CORNER)
    frames[90:160, 130:166, 240:300] = (20, 20, 240)
    found = script(original(), of("overlapping", frames))["segments"]
    assert [(segment["a"], len(segment["regions"])) for segment in found if segment["op"] == "changed"] == [
        ([2.4, 3.6], 1),
        ([3.6, 5.2], 2),
        ([5.2, 6.4], 1),
    ]


def test_it_finds_a_turned_hue():
    frames = film().copy()
    frames[60:130] = frames[60:130][..., [1, 2, 0]]
    luma = np.array([0.299, 0.587, 0.114])
    shift = (film()[60:130] @ luma - frames[60:130] @ luma)[..., None]
    frames[60:130] = (frames[60:130] + shift).clip(0, 255).astype(np.uint8)
    found = script(original(), of("hue", frames))["segments"]
    assert [(segment["op"], segment["a"]) for segment in found] == [
        ("equal", [0.0, 2.4]),
        ("changed", [2.4, 5.2]),
        ("equal", [5.2, 8.0]),
    ]


def test_without_regions_the_files_stay_shut(tmp_path):
    for side, path in (("a", original()), ("b", of("corner", marked(slice(60, 130), CORNER)))):
        (tmp_path / side).mkdir()
        ingest(str(path), str(tmp_path / side), lambda share: None)
    prints = [str(tmp_path / side / "fingerprint.bin") for side in "ab"]
    found = compare(*prints, "nowhere", "nowhere", regions=False)
    assert [segment["op"] for segment in found["segments"]] == ["equal", "changed", "equal"]
    assert found["segments"][1]["regions"] == []


def test_each_difference_gets_its_pictures(tmp_path):
    longer = of("inserted", spliced(film()[:70], stranger(30), film()[70:]))
    for side, path in (("a", original()), ("b", longer)):
        (tmp_path / side).mkdir()
        ingest(str(path), str(tmp_path / side), lambda share: None)
    prints = [str(tmp_path / side / "fingerprint.bin") for side in "ab"]
    found = compare(*prints, str(original()), str(longer), pictures=str(tmp_path))
    assert found["segments"][1]["picture_at"] == [None, 3.4]
    assert not (tmp_path / "00001-a.jpg").exists()
    shown = np.asarray(Image.open(tmp_path / "00001-b.jpg").resize((320, 180))).astype(float)
    assert np.abs(shown - stranger(30)[15]).mean() < 12


def test_a_change_is_pictured_at_the_same_moment_on_both_sides(tmp_path):
    edited = of("corner", marked(slice(60, 130), CORNER))
    for side, path in (("a", original()), ("b", edited)):
        (tmp_path / side).mkdir()
        ingest(str(path), str(tmp_path / side), lambda share: None)
    prints = [str(tmp_path / side / "fingerprint.bin") for side in "ab"]
    found = compare(*prints, str(original()), str(edited), pictures=str(tmp_path))
    at = found["segments"][1]["picture_at"]
    assert at[0] == pytest.approx(at[1])
    assert 2.4 <= at[0] < 5.2
    sides = [np.asarray(Image.open(tmp_path / f"00001-{side}.jpg")).astype(float) for side in "ab"]
    apart = np.abs(sides[0] - sides[1]).max(axis=2)
    assert apart[CORNER].mean() > 40
    assert np.delete(apart, np.s_[:60], axis=0).mean() < 8


# What nobody should send


def still(count: int) -> footage.Frames:
    return np.repeat(footage.scene(1, 5), count, axis=0)


def clips() -> dict:
    return {
        "film": original(),
        "one frame": of("one", footage.scene(1, 90)),
        "two frames": of("two", footage.scene(2, 91)),
        "black": of("black", np.zeros((50, 180, 320, 3), np.uint8)),
        "still": of("still", still(60)),
        "longer still": of("longer-still", still(90)),
        "other": of("other", stranger(120, 70)),
        "damaged": footage.damaged(),
    }


@pytest.mark.parametrize("a", ["film", "one frame", "black", "still"])
@pytest.mark.parametrize("b", ["one frame", "two frames", "black", "longer still", "other", "damaged"])
def test_any_pair_gives_a_script_that_covers_both(a, b):
    found = script(clips()[a], clips()[b])
    for side in "ab":
        spans = sorted(tuple(segment[side]) for segment in found["segments"] if segment[side])
        assert spans[0][0] == 0.0
        assert spans[-1][1] == found[f"duration_{side}"]
        assert all(before[1] == after[0] for before, after in pairwise(spans))
        assert all(start < end for start, end in spans)
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize("name", ["one frame", "two frames", "black", "still", "other", "damaged"])
def test_any_video_equals_itself(name):
    assert [op for op, *_ in told(clips()[name], clips()[name])] == ["equal"]


def test_wholly_new_footage_is_one_change():
    assert told(original(), clips()["other"]) == [("changed", [0.0, 8.0], [0.0, 4.8])]


def test_a_longer_still_is_the_same_still_and_more():
    assert told(clips()["still"], clips()["longer still"]) == [
        ("equal", [0.0, 2.4], [0.0, 2.4]),
        ("inserted", None, [2.4, 3.6]),
    ]


def test_what_is_no_video_is_refused(tmp_path):
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(MediaError):
        script(original(), tmp_path / "text.mp4")


def test_progress_only_grows():
    shares: list[float] = []
    script(original(), of("corner", marked(slice(60, 130), CORNER)), progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


# The two ends, other speeds, the other way round


@pytest.mark.parametrize(("start", "end"), [(5, 17), (12, 24), (175, 187), (185, 195)])
def test_a_cut_near_an_end_is_a_deletion(start, end):
    other = of(f"cut-{start}-{end}", np.delete(film(), slice(start, end), 0))
    assert told(original(), other) == [
        ("equal", [0.0, start / 25], [0.0, start / 25]),
        ("deleted", [start / 25, end / 25], None),
        ("equal", [end / 25, 8.0], [start / 25, round((200 - end + start) / 25, 2)]),
    ]


@pytest.mark.parametrize("at", [5, 190])
def test_footage_added_near_an_end_is_an_insertion(at):
    longer = of(f"added-{at}", spliced(film()[:at], stranger(12), film()[at:]))
    assert [op for op, *_ in told(original(), longer)] == ["equal", "inserted", "equal"]


def sped(times: float) -> footage.Frames:
    return film()[(np.arange(int(200 / times)) * times + 1e-9).astype(int)]


@pytest.mark.parametrize("times", [1.1, 0.8, 1.25])
def test_another_speed_over_all_is_one_fact(times):
    found = script(original(), of(f"sped-{times}", sped(times)))
    assert [segment["op"] for segment in found["segments"]] == ["equal"]
    assert [each["kind"] for each in found["transforms"]] == ["speed"]
    assert found["transforms"][0]["value"] == pytest.approx(times, rel=0.01)


def versions() -> dict[str, Path]:
    return {
        "inserted": of("inserted", spliced(film()[:70], stranger(30), film()[70:])),
        "moved": of("moved", spliced(film()[:40], film()[80:160], film()[40:80], film()[160:])),
        "moved and marked": of("moved-and-marked", moved_with_a_mark()),
        "replaced": of("exchanged", spliced(film()[:50], stranger(80), film()[100:])),
        "marked": of("corner", marked(slice(60, 130), CORNER)),
        "sped": of("sped-1.1", sped(1.1)),
        "rough": of("re-encoded", film(), options={"crf": "38"}),
    }


@pytest.mark.parametrize("name", ["inserted", "moved", "moved and marked", "replaced", "marked", "sped", "rough"])
def test_the_same_pair_swapped_gives_the_mirrored_script(name):
    there, back = script(original(), versions()[name]), script(versions()[name], original())
    assert facts(there) == facts(back, swapped=True)
    assert there["similarity_percent"] == back["similarity_percent"]
    for one, other in zip(there["transforms"], back["transforms"], strict=True):
        assert one["value"] * other["value"] == pytest.approx(1, abs=1e-3)
