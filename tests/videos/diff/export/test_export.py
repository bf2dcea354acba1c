import csv
import io
import json

import opentimelineio as otio
import pysubs2
import pytest
from markdown_it import MarkdownIt

from videos.diff.export import FORMATS, Side, Subject, export
from videos.diff.script.rethreshold import rethreshold

BOX = {"x": 0.75, "y": 0.05, "width": 0.2, "height": 0.1}
SUBJECT = Subject(Side("First *cut*\n# x", "first.mp4", 25.0), Side("Second", "second <b>.mov", 30000 / 1001))


MIRRORED = {"kind": "mirror", "value": "horizontal"}
CROPPED = {"kind": "crop", "value": {"side": "b", "x": 0, "y": 0, "width": 0.5, "height": 0.5}}


def row(op, a, b, distance=None, regions=()):
    return {"op": op, "a": a, "b": b, "distance": distance, "severity": None, "regions": list(regions)}


def shown(*rows):
    segments = rows or (
        row("equal", [0, 4], [0, 4], 0.02),
        row("inserted", None, [4, 8]),
        row("changed", [4, 6], [8, 10], 0.4, [BOX]),
        row("deleted", [6, 8], None),
        row("equal", [8, 10], [10, 12], 0.01),
        row("moved", [12, 13], [12, 13], 0.01),
        row("deleted", [10, 12], None),
    )
    a = max((each["a"][1] for each in segments if each["a"]), default=0)
    b = max((each["b"][1] for each in segments if each["b"]), default=0)
    stored = {"duration_a": a, "duration_b": b, "transforms": [{"kind": "speed", "value": 1.1}], "threshold": 0.1}
    return rethreshold({**stored, "segments": list(segments)})


def text(kind, script=None, subject=SUBJECT):
    return export(script or shown(), kind, subject).text


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_has_an_extension_and_a_content_type(kind):
    created = export(shown(), kind, SUBJECT)
    assert created.ending == kind
    assert len(created.text) > 100
    assert "/" in created.content_type


def test_an_unknown_format_is_refused():
    with pytest.raises(KeyError):
        export(shown(), "docx", SUBJECT)


def test_two_equal_videos_have_an_empty_export():
    same = shown(row("equal", [0, 4], [0, 4], 0.0))
    assert "None." in text("md", same)
    assert pysubs2.SSAFile.from_string(text("vtt", same), format_="vtt").events == []
    assert text("srt", same) == ""
    assert events(read_edl(same)) == [("A", 0, 120)]


def test_a_completely_deleted_video_can_be_exported():
    deleted = shown(row("deleted", [0, 4], None))
    for kind in FORMATS:
        assert export(deleted, kind, SUBJECT).ending == kind


def test_json_has_the_segments_of_the_api():
    data = json.loads(text("json"))
    keys = {"op", "a", "b", "distance", "severity", "kind", "confidence", "regions", "review", "note_count"}
    assert set(data["segments"][0]) == keys
    assert data["differing_segments"] == 5
    assert data["a"]["title"] == SUBJECT.a.title


def test_csv_has_a_row_for_each_segment():
    rows = list(csv.DictReader(io.StringIO(text("csv"))))
    assert len(rows) == 7
    assert (rows[1]["op"], rows[1]["a_start"], rows[1]["b_end"]) == ("inserted", "", "8")
    assert rows[2]["regions"] == "0.75 0.05 0.2 0.1"


def test_markdown_escapes_titles():
    html = MarkdownIt().render(text("md"))
    assert html.count("<h1>") == 1
    assert "First *cut* # x" in html
    assert html.count("<li>") == 4 + 5
    assert "Speed 1.1\u00a0×" in html


def test_subtitles_describe_each_difference_at_its_time_in_b():
    for kind in ("srt", "vtt"):
        cues = pysubs2.SSAFile.from_string(text(kind), format_=kind)
        assert [(cue.start, cue.end) for cue in cues][:2] == [(4000, 8000), (8000, 10000)]
        assert len(cues) == 5
        assert "Removed shot, 2.0 s: 0:06.00" in cues[2].plaintext


def read_edl(script=None, subject=SUBJECT, rate=30):
    return otio.adapters.read_from_string(text("edl", script, subject), "cmx_3600", rate=rate)


def events(timeline):
    return [
        (
            clip.metadata["cmx_3600"]["reel"],
            clip.source_range.start_time.to_frames(),
            clip.source_range.duration.to_frames(),
        )
        for clip in timeline.tracks[0]
    ]


def test_an_edl_rebuilds_b_from_both_reels():
    assert events(read_edl()) == [
        ("A", 0, 120),
        ("B", 120, 120),
        ("B", 240, 60),
        ("A", 240, 60),
        ("A", 360, 30),
    ]


def test_an_edl_counts_real_frames():
    long = shown(row("equal", [0, 600], [0, 600], 0.0))
    (event,) = events(read_edl(long))
    assert event == ("A", 0, round(600 * 30000 / 1001))


@pytest.mark.parametrize(
    ("rate_a", "rate_b", "at", "written"),
    [
        (25.0, 30000 / 1001, 3600, "01:00:00:00"),
        (25.0, 30000 / 1001, 3600.48, "01:00:00:12"),
        (24000 / 1001, 25.0, 86313 * 1001 / 24000, "00:59:56:09"),
        (50.0, 25.0, 3600.5, "01:00:00:12"),
        (25.0, 50.0, 3600.48, "01:00:00:12"),
        (30000 / 1001, 30000 / 1001, 107892 * 1001 / 30000, "00:59:56:12"),
    ],
)
def test_an_edl_names_frames_of_a_by_its_own_timecode(rate_a, rate_b, at, written):
    subject = Subject(Side("A", "a.mp4", rate_a), Side("B", "b.mp4", rate_b))
    script = shown(row("inserted", None, [0, 2]), row("equal", [at, at + 10], [2, 12], 0.0))
    assert f"A        V     C        {written} " in text("edl", script, subject)
    assert events(read_edl(script, subject, round(rate_b)))[1][2] == round(12 * rate_b) - round(2 * rate_b)


@pytest.mark.parametrize("transform", [MIRRORED, CROPPED, {"kind": "grade", "value": {}}])
def test_an_edl_takes_nothing_from_a_if_all_of_b_is_transformed(transform):
    timeline = read_edl({**shown(), "transforms": [transform]})
    assert {reel for reel, *_ in events(timeline)} == {"B"}


def test_an_edl_describes_the_transforms_of_b():
    timeline = read_edl({**shown(), "transforms": [MIRRORED, CROPPED, {"kind": "speed", "value": 1.001}]})
    assert list(timeline.tracks[0][0].metadata["cmx_3600"]["comments"]) == [
        "B THROUGHOUT: MIRRORED",
        "B THROUGHOUT: A IS CROPPED TO 50 %",
        "B THROUGHOUT: SPEED 1.001 X",
    ]


@pytest.mark.parametrize(("distance", "reel"), [(0.4, "B"), (0.09, "A")])
def test_a_moved_part_that_changed_comes_from_b(distance, reel):
    script = shown(row("moved", [4, 8], [0, 4], distance, [BOX]), row("equal", [0, 4], [4, 8], 0.0))
    assert [reel for reel, *_ in events(read_edl(script))] == [reel, "A"]


@pytest.mark.parametrize(
    ("rate", "timecode", "frames"), [(12.0, 24, 240), (10.0, 30, 300), (60.0, 60, 600), (17, 25, 250)]
)
def test_an_edl_uses_a_rate_that_timecode_supports(rate, timecode, frames):
    subject = Subject(SUBJECT.a, Side("B", "b.mp4", rate))
    (event,) = events(read_edl(shown(row("equal", [0, 10], [0, 10], 0.0)), subject, timecode))
    assert event == ("A", 0, frames)


def test_an_edl_has_a_locator_for_every_difference():
    timeline = read_edl()
    markers = [marker for clip in timeline.tracks[0] for marker in clip.markers]
    assert [marker.marked_range.start_time.to_frames() for marker in markers] == [120, 240, 300, 360, 389]
    assert sum("REMOVED SHOT" in marker.name for marker in markers) == 2


def test_footage_at_another_speed_comes_from_b():
    assert events(read_edl(shown(row("equal", [0, 11], [0, 10], 0.0))))[0][0] == "B"


def test_a_title_adds_no_line_to_an_edl():
    subject = Subject(SUBJECT.a, Side("B", "b.mp4\n002  X  V  C  00:00:00:00", 25))
    assert len(events(read_edl(subject=subject, rate=25))) == 5


def test_otio_has_a_track_for_each_side_that_covers_it():
    timeline = otio.adapters.read_from_string(text("otio"), "otio_json")
    assert [dict(each) for each in timeline.metadata["sage"]["transforms"]] == [{"kind": "speed", "value": 1.1}]
    a, b = timeline.tracks
    assert a.duration().to_seconds() == pytest.approx(13, abs=0.04)
    assert b.duration().to_seconds() == pytest.approx(13, abs=0.04)
    assert [clip.metadata["sage"]["op"] for clip in b] == ["equal", "inserted", "changed", "equal", "moved"]
    assert [marker.color for clip in a for marker in clip.markers] == ["YELLOW", "RED", "RED", "PURPLE"]
