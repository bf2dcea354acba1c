"""Files with times of A are written with times of B."""

import csv
import io
import json

import opentimelineio as otio
import pytest
from opentimelineio.opentime import RationalTime, TimeRange

from sage.errors import InvalidInput
from tests.notes.carrying_rows import build_script
from videos.conform.conforming import FORMATS, MAX_BYTES, conform
from videos.conform.timecode import build_reel
from videos.diff.script.time_mapping import TimeMapping

# 0-10 equal, 10-20 deleted, 20-30 changed, 30-40 moved to the end, 40-60 equal
MAPPING = TimeMapping(
    build_script(
        [
            ("equal", (0, 10), (0, 10)),
            ("deleted", (10, 20), None),
            ("changed", (20, 30), (10, 20)),
            ("equal", (40, 60), (20, 40)),
            ("moved", (30, 40), (40, 50)),
        ]
    )
)
RATES = (25.0, 25.0)
SRT = """1
00:00:05,000 --> 00:00:07,500
<i>Our</i> river

2
00:00:08,000 --> 00:00:22,000
Over the cut

3
00:00:12,000 --> 00:00:14,000
Gone

4
00:00:31,000 --> 00:00:33,000
Moved

With an empty line

5
00:00:41,000 --> 00:00:43,000
Later
"""


def run(text, to="", rates=RATES, mapping=MAPPING, labels=("", "")):
    data = text if isinstance(text, bytes) else text.encode()
    reels = [build_reel(rate, label) for rate, label in zip(rates, labels, strict=True)]
    return conform(data, mapping, (reels[0], reels[1]), to, "Cut 2")


def test_subrip_keeps_its_markup_and_is_sorted():
    conformed = run(SRT)

    assert conformed.counts == "carried=2, moved=1, changed=1, dropped=1"
    assert conformed.text == (
        "1\n00:00:05,000 --> 00:00:07,500\n<i>Our</i> river\n\n"
        "2\n00:00:08,000 --> 00:00:12,000\nOver the cut\n\n"
        "3\n00:00:21,000 --> 00:00:23,000\nLater\n\n"
        "4\n00:00:41,000 --> 00:00:43,000\nMoved\nWith an empty line\n"
    )


def test_webvtt_keeps_its_header_settings_comments_and_inner_times():
    text = (
        "WEBVTT - cut 1\n\nSTYLE\n::cue { color: red }\n\nNOTE first --> comment\n\n"
        "intro\n00:41.000 --> 00:43.000 align:start line:0\n<v Ann>One <00:00:42.000>two\n\n"
        "NOTE second\n\n00:12.000 --> 00:14.000\nGone\n"
    )

    conformed = run(text)

    assert conformed.counts == "carried=1, moved=0, changed=0, dropped=1"
    assert conformed.text == (
        "WEBVTT - cut 1\n\nSTYLE\n::cue { color: red }\n\nNOTE first --> comment\n\n"
        "intro\n00:00:21.000 --> 00:00:23.000 align:start line:0\n<v Ann>One <00:00:22.000>two\n"
    )


def test_a_caption_file_of_another_film_is_dropped_beyond_the_end():
    cues = "\n\n".join(f"{n}\n01:{n:02d}:00,000 --> 01:{n:02d}:02,000\nHello" for n in range(1, 50))

    conformed = run(f"1\n00:00:59,000 --> 00:01:10,000\nLast\n\n{cues}\n")

    assert conformed.counts == "carried=1, moved=0, changed=0, dropped=49"
    assert conformed.text == "1\n00:00:39,000 --> 00:00:40,000\nLast\n"


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\n"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings_and_line_ends_are_recognised(newline, encoding):
    text = f"1{newline}00:00:05,000 --> 00:00:07,500{newline}Café{newline}"

    assert run(text.encode(encoding)).text == "1\n00:00:05,000 --> 00:00:07,500\nCafé\n"


def test_csv_keeps_other_columns_and_the_way_each_time_is_written():
    text = 'Time,end,text,who\n5.2,,Logo,Ann\n0:41.500,0:43,"a, b",Bob\n00:00:21:12,00:00:22:00,TC,\n12,13,Gone,\n'

    conformed = run(text)

    rows = list(csv.reader(io.StringIO(conformed.text)))
    assert rows == [
        ["Time", "end", "text", "who"],
        ["5.2", "", "Logo", "Ann"],
        ["00:00:11:12", "00:00:12:00", "TC", ""],
        ["0:21.500", "0:23.000", "a, b", "Bob"],
    ]
    assert conformed.counts == "carried=2, moved=0, changed=1, dropped=1"


def test_a_semicolon_separates_columns_too():
    assert run("time;end;text\n41;43;Hi\n").text == "time;end;text\n21.0;23.0;Hi\n"


def test_json_markers_keep_other_keys():
    markers = [{"time": 41, "text": "Hi", "colour": "red"}, {"time": "0:35", "end": "0:36.5"}, {"time": 12.5}]

    conformed = run(json.dumps(markers))

    assert json.loads(conformed.text) == [
        {"time": 21.0, "text": "Hi", "colour": "red"},
        {"time": "0:45.000", "end": "0:46.500"},
    ]
    assert conformed.counts == "carried=1, moved=1, changed=0, dropped=1"


EDL = """TITLE: Cut 1
FCM: NON-DROP FRAME

001  TAPE1    V     C        10:00:00:00 10:00:10:00 01:00:00:00 01:00:10:00
* FROM CLIP NAME: opening
* LOC: 01:00:05:00 RED     Logo
* LOC: 01:00:41:00 GREEN   Sound
002  TAPE2    V     C        00:00:10:00 00:00:25:00 01:00:10:00 01:00:25:00
003  TAPE3    AA/V  D    012 00:00:30:00 00:00:35:00 01:00:31:00 01:00:36:00
"""


def test_an_edl_is_read_from_the_hour_that_it_starts_at():
    conformed = run(EDL)

    assert conformed.counts == "carried=3, moved=1, changed=1, dropped=0"
    assert conformed.text == (
        "TITLE: Cut 1\nFCM: NON-DROP FRAME\n\n"
        "001  TAPE1    V     C 10:00:00:00 10:00:10:00 01:00:00:00 01:00:10:00\n"
        "* FROM CLIP NAME: opening\n"
        "* LOC: 01:00:05:00 RED     Logo\n\n"
        "002  TAPE2    V     C 00:00:20:00 00:00:25:00 01:00:10:00 01:00:15:00\n"
        "* LOC: 01:00:21:00 GREEN   Sound\n\n"
        "003  TAPE3    AA/V  D    012 00:00:30:00 00:00:35:00 01:00:41:00 01:00:46:00\n"
    )


def test_editing_programs_read_the_conformed_edl():
    timeline = otio.adapters.read_from_string(run(EDL).text, "cmx_3600", rate=25)

    ranges = [clip.range_in_parent() for clip in timeline.find_clips() if clip.range_in_parent()]
    assert ranges[0].duration == RationalTime(250, 25)


def test_drop_frame_timecode_counts_real_seconds():
    mapping = TimeMapping(build_script([("deleted", (0, 60), None), ("equal", (60, 900), (0, 840))]))
    edl = (
        "TITLE: News\nFCM: DROP FRAME\n\n"
        "001  A  V  C  00:00:00:00 00:00:10:00 01:10:00;00 01:10:10;00\n"  # 10 minutes are 600 s but for 0.6 ms
    )

    conformed = run(edl, rates=(30000 / 1001, 30000 / 1001), mapping=mapping)

    assert "FCM: DROP FRAME" in conformed.text
    assert "01:09:00;02 01:09:10;02" in conformed.text
    assert [round(each.start, 2) for each in conformed.items] == [540.0]


def test_drop_frame_at_another_frame_rate_is_refused():
    with pytest.raises(InvalidInput, match="video A has 25 frames per second"):
        run("TITLE: x\nFCM: DROP FRAME\n\n001  A  V  C  00:00:00;00 00:00:01;00 00:00:00;00 00:00:01;00\n")


@pytest.mark.parametrize(
    ("labels", "written"),
    [
        (("10:00:00:00", "01:00:00:00"), "01:00:21:00 01:00:22:00"),
        (("10:00:00:00", ""), "10:00:21:00 10:00:22:00"),
        (("", "01:00:00:00"), "01:00:21:00 01:00:22:00"),
        (("09:00:00:00", ""), "10:00:21:00 10:00:22:00"),  # the list does not count from A's timecode
        (("10:00:00:29", "x"), "10:00:21:00 10:00:22:00"),  # no timecode at 25 frames per second
    ],
)
def test_an_edl_counts_from_the_timecodes_of_both_files(labels, written):
    edl = "TITLE: x\n\n001  A  V  C  00:00:00:00 00:00:01:00 10:00:41:00 10:00:42:00\n"

    assert written in run(edl, labels=labels).text


def test_a_list_without_drop_frame_stays_without_it():
    rates, labels = (30000 / 1001, 30000 / 1001), ("01:00:00;00", "01:00:00;00")
    edl = "TITLE: x\nFCM: NON-DROP FRAME\n\n001  A  V  C  00:00:00:00 00:00:01:00 01:00:05:00 01:00:06:00\n"

    conformed = run(edl, rates=rates, labels=labels)

    assert "FCM: NON-DROP FRAME" in conformed.text
    assert "01:00:05:00 01:00:06:00" in conformed.text


def test_b_has_a_timecode_of_its_own_rate():
    edl = "TITLE: x\n\n001  A  V  C  00:00:00:00 00:00:02:12 00:00:41:00 00:00:43:12\n"

    assert "00:00:21:00 00:00:23:24" in run(edl, rates=(24.0, 48.0)).text


def build_timeline():
    def span(start, seconds):
        return TimeRange(RationalTime(start * 25, 25), RationalTime(seconds * 25, 25))

    timeline = otio.schema.Timeline("Cut 1")
    track = otio.schema.Track("V1", kind="Video")
    opening = otio.schema.Clip("opening", source_range=span(100, 15))
    opening.markers.append(otio.schema.Marker("in the clip", span(103, 0)))
    opening.markers.append(otio.schema.Marker("in its deleted part", span(112, 0)))
    track.extend([opening, otio.schema.Gap(source_range=span(0, 16))])
    track.append(otio.schema.Clip("moved", source_range=span(7, 5)))
    track.append(otio.schema.Gap(source_range=span(0, 4)))
    track.append(otio.schema.Clip("late", otio.schema.ExternalReference("x.mov", span(50, 10))))
    timeline.tracks.append(track)
    timeline.tracks.markers.append(otio.schema.Marker("logo", span(5, 0), "RED"))
    timeline.tracks.markers.append(otio.schema.Marker("gone", span(12, 2)))
    return timeline


def test_a_timeline_keeps_the_kept_parts_of_its_clips():
    conformed = run(build_timeline().to_json_string())

    timeline = otio.adapters.read_from_string(conformed.text, "otio_json")
    clips = {
        clip.name: tuple(each.to_seconds() for each in (
            clip.range_in_parent().start_time, clip.source_range.start_time, clip.source_range.duration
        ))
        for clip in timeline.find_clips()
    }  # fmt: skip
    assert clips == {"opening": (0, 100, 10), "late": (20, 50, 10), "moved": (41, 7, 5)}
    assert [marker.name for marker in timeline.tracks[0][0].markers] == ["in the clip"]
    assert [(m.name, m.color, m.marked_range.start_time.to_seconds()) for m in timeline.tracks.markers] == [
        ("logo", "RED", 5)
    ]
    assert conformed.counts == "carried=3, moved=1, changed=0, dropped=1"


@pytest.mark.parametrize("to", FORMATS)
@pytest.mark.parametrize("text", [SRT, EDL, build_timeline().to_json_string(), "time,end,text\n41,,=Hi\n"])
def test_every_format_can_be_written_as_every_other_and_read_again(text, to):
    conformed = run(text, to)

    assert conformed.kind == to
    same = TimeMapping(build_script([("equal", (0, 7200), (0, 7200))]))
    again = run(conformed.text, mapping=same)
    kept = [each for each in conformed.items if each.start is not None]
    assert again.kind == to
    assert len(again.items) >= len(kept)
    assert {state for state in ("moved", "changed", "dropped") if f"{state}=0" not in again.counts} == set()


def test_editing_programs_read_the_written_timelines_and_lists():
    timeline = otio.adapters.read_from_string(run(SRT, "otio").text, "otio_json")
    found = [(marker.name, marker.marked_range.start_time.to_seconds()) for marker in timeline.tracks.markers]
    assert found == [("Our river", 5), ("Over the cut", 8), ("Later", 21), ("Moved\nWith an empty line", 41)]

    events = otio.adapters.read_from_string(run(SRT, "edl").text, "cmx_3600", rate=25)
    assert len(list(events.find_clips())) == 4


def test_cells_that_spreadsheets_would_run_are_escaped():
    assert "'=SUM(A1)" in run("1\n00:00:05,000 --> 00:00:07,000\n=SUM(A1)\n", "csv").text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        (" \n\ufeff\n", "empty"),
        ("Hello there", "format of this file is unknown"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 20, "of this file is unknown"),
        ("WEBVTT\n", "no cues"),
        ("[]", "no cues"),
        ("{}", "no list of markers"),
        ('[{"time": 1}, 5]', "no list of markers"),
        ('[{"time": NaN}]', "Marker 1 has the time"),
        ('[{"time": true}]', "Marker 1 has the time"),
        ('[{"time": -1}]', "Marker 1 has the time"),
        ('[{"time": 1e999}]', "Marker 1 has the time"),
        ('[{"time": 5, "end": 4}]', "Marker 1 ends before it starts"),
        ('[{"time": "٥"}]', "Marker 1 has the time"),
        ('[{"time": 1, "text": 7}]', "no string"),
        ("[" * 100_000, "no valid JSON"),
        ("[1", "no valid JSON"),
        ('{"OTIO_SCHEMA": "Clip.2"}', "no timeline"),
        ('{"OTIO_SCHEMA": "Timeline.1"}', "no tracks"),
        ("time,end,text\n", "no cues"),
        ("time,end,text\nfive,,x\n", "Line 2 has the time “five”"),
        ("time,end,text\n00:00:05:25,,x\n", "no timecode 00:00:05:25 at 25"),
        ("time,end,text\n5,4,x\n", "Line 2 ends before it starts"),
        ("1\n00:00:05,000 --> soon\nHi\n", "times of cue 1 cannot be read"),
        ("1\n00:00:05,000 --> 00:00:04,000\nHi\n", "Cue 1 ends before it starts"),
        ("TITLE: nothing\n", "no events"),
        ("TITLE: x\n\n001 A V C 00:00:00:00 00:00:01:00 00:00:00:00 00:99:01:00\n", "no timecode"),
        ("TITLE: x\n\n001 A V C 00:00:00:00 00:00:01:00 00:00:05:00 00:00:01:00\n", "Event 001 ends before"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(text, message):
    with pytest.raises(InvalidInput, match=message) as caught:
        run(text)

    assert caught.value.details[0]["field"] == "file"


def test_a_damaged_timeline_is_refused():
    whole = json.loads(build_timeline().to_json_string())
    for damage in (
        {"children": 5},
        {"children": [{"OTIO_SCHEMA": "Clip.2", "name": "no range"}]},
        {"children": [{"OTIO_SCHEMA": "Gap.1", "source_range": {"start_time": None, "duration": None}}]},
        {"markers": [{"OTIO_SCHEMA": "Marker.2"}]},
        {"markers": "x"},
    ):
        whole["tracks"]["children"] = [{"OTIO_SCHEMA": "Track.1", **damage}]
        with pytest.raises(InvalidInput):
            run(json.dumps(whole))


def test_an_unknown_format_to_write_is_refused():
    with pytest.raises(InvalidInput) as caught:
        run(SRT, "docx")

    assert caught.value.details[0]["field"] == "to"


def test_a_file_of_ten_megabytes_is_read_and_a_larger_one_is_refused():
    cue = "1\n00:00:05,000 --> 00:00:07,000\n{}\n\n"
    count = 60_000
    text = (cue.format("word " * 28)) * count
    assert len(text) < MAX_BYTES

    assert run(text).counts == f"carried={count}, moved=0, changed=0, dropped=0"
    with pytest.raises(InvalidInput, match="larger than 10 MB"):
        run(" " * (MAX_BYTES + 1))


@pytest.mark.parametrize("line", [" " * 500_000, "0" * 500_000, "001 " + "A " * 250_000, "* LOC: " + " " * 500_000])
def test_long_lines_do_not_take_long(line):
    edl = f"TITLE: x\n{line}\n001 A V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\n{line}\n"

    assert run(edl).counts == "carried=1, moved=0, changed=0, dropped=0"
