"""Markers are frame-exact, carry any text safely, and are read back by the programs' own formats."""

import uuid
from fractions import Fraction
from xml.etree import ElementTree

import opentimelineio as otio
import pytest

from accounts.models import User
from notes.exchange.markers import MARKER_WRITERS, Timecode
from notes.models import Note
from tests.notes.api.test_export import export
from videos.models import Video

HOSTILE = "a]]>b\x00\x08\u202ec</name>&\n\td\"'\ud800\ufffe é 灯"
CLEAN = "a]]>b c</name>& d\"' é 灯"


def read_xml(text):
    return ElementTree.fromstring(text)  # noqa: S314 - Sage has written it


def write(kind, notes, rate=25.0, start=None):
    video = Video(pk=uuid.uuid4(), title=HOSTILE, duration=6000.0, frame_rate=rate, width=1920, height=1080)
    video.metadata = {"timecode": start}
    writer = MARKER_WRITERS[kind](video, 0.0)
    rows = [Note(seconds=seconds, text=text, done=done, end_seconds=end) for seconds, text, done, end in notes]
    for row in rows:
        row.owner = User(name="Alice\tL")
    return writer.begin() + "".join(writer.write(row) for row in rows) + writer.end()


NOTES = [(47.04, HOSTILE, False, None), (3661.0, None, True, 3662.0)]


@pytest.mark.parametrize(
    ("rate", "seconds", "expected"),
    [
        (25.0, 47.04, "00:00:47:01"),
        (24000 / 1001, 1001 / 1000, "00:00:01:00"),
        (30000 / 1001, 60.06, "00:01:00;02"),
        (30000 / 1001, 59.9933, "00:00:59;28"),
        (30000 / 1001, 600.6, "00:10:00;18"),
        (60000 / 1001, 60.06, "00:01:00;04"),
        (30.0, 47.033, "00:00:47:01"),
        (None, 1.0, "00:00:01:00"),
    ],
)
def test_timecode_is_exact_at_the_rate_of_the_video(rate, seconds, expected):
    timecode = Timecode.of_file(rate)

    assert timecode.format(timecode.frame(seconds)) == expected


@pytest.mark.parametrize("rate", [30000 / 1001, 60000 / 1001])
def test_drop_frame_agrees_with_opentimelineio_for_every_minute(rate):
    timecode = Timecode.of_file(rate)
    for minute in range(125):
        for offset in (-1, 0, 1, 2, 4):
            frame = max(0, int(minute * 60 * rate) + offset)
            assert timecode.format(frame) == otio.opentime.to_timecode(
                otio.opentime.RationalTime(frame, rate), rate, True
            )


def test_opentimelineio_reads_the_locators_of_an_edl():
    timeline = otio.adapters.read_from_string(write("edl", NOTES), "cmx_3600", rate=25)

    first, second = timeline.tracks[0][0].markers
    assert (first.name, first.color) == (CLEAN, "RED")
    assert first.marked_range.start_time.to_frames() == 47 * 25 + 1
    assert (second.name, second.color, second.marked_range.start_time.to_seconds()) == ("Note", "GREEN", 3661)


# The frame rate, the timecode of the file, the seconds of a note, its timecode, and its frame number on tape.
STARTS = [
    (25.0, "01:00:00:00", 47.04, "01:00:47:01", 90_000 + 1_176),
    (25.0, "09:59:59:24", 47.04, "10:00:47:00", 899_999 + 1_176),
    (24000 / 1001, "01:00:00:00", 1.001, "01:00:01:00", 86_400 + 24),
    (30000 / 1001, "01:00:00;00", 60.06, "01:01:00;02", 107_892 + 1_800),
    (30000 / 1001, "00:59:59;28", 0.0667335, "01:00:00;00", 107_890 + 2),
    (29.97, "01:00:00:00", 60.06, "01:01:00:00", 108_000 + 1_800),
    (60000 / 1001, "01:00:00;00", 600.6, "01:10:00;36", 215_784 + 36_000),
]


@pytest.mark.parametrize(("rate", "start", "seconds", "timecode", "frame"), STARTS)
def test_an_edl_and_avid_locators_have_the_timecode_of_the_file(rate, start, seconds, timecode, frame):
    notes, drops = [(seconds, "Here", False, None)], ";" in start
    edl, avid = (write(kind, notes, rate, start) for kind in ("edl", "avid"))

    assert avid.split("\t")[1] == timecode
    assert f"FCM: {'DROP FRAME' if drops else 'NON-DROP FRAME'}\n" in edl
    exact = otio.opentime.RationalTime.nearest_smpte_timecode_rate(rate)
    clip = otio.adapters.read_from_string(edl, "cmx_3600", rate=exact).tracks[0][0]
    assert otio.opentime.to_timecode(clip.source_range.start_time, exact, drops) == start
    assert otio.opentime.to_timecode(otio.opentime.RationalTime(frame, exact), exact, drops) == timecode
    assert f"* LOC: {timecode.replace(';', ':')} " in edl
    if not drops:  # the adapter reads no drop-frame in locators
        assert clip.markers[0].marked_range.start_time.to_frames() == frame


@pytest.mark.parametrize(("rate", "start", "seconds", "timecode", "frame"), STARTS)
def test_fcp7_xml_and_fcpxml_begin_at_the_timecode_of_the_file(rate, start, seconds, timecode, frame):
    notes = [(seconds, "Here", False, None)]
    old, new = (write(kind, notes, rate, start) for kind in ("fcp7xml", "fcpxml"))

    timeline = otio.adapters.read_from_string(old, "fcp_xml")
    at = timeline.tracks.markers[0].marked_range.start_time
    assert timeline.global_start_time.to_frames() + at.to_frames() == frame
    assert read_xml(old).findtext("sequence/timecode/string") == start
    sequence, gap = read_xml(new).find(".//sequence"), read_xml(new).find(".//gap")
    length = Fraction(gap.find("marker").get("duration").rstrip("s"))
    assert Fraction(gap.find("marker").get("start").rstrip("s")) / length == frame
    assert sequence.get("tcStart") == gap.get("offset") == gap.get("start")


def test_a_timecode_that_does_not_exist_at_the_rate_is_left_out():
    assert write("avid", NOTES, 25.0, "01:00:00:29").split("\t")[1] == "00:00:47:01"
    assert Timecode.of_file(12.0, "01:00:00:12").start == 12 * 3600 + 6


def test_fcp7_xml_has_the_markers_of_a_sequence():
    sequence = read_xml(write("fcp7xml", NOTES, 30000 / 1001)).find("sequence")

    assert (sequence.findtext("rate/timebase"), sequence.findtext("rate/ntsc")) == ("30", "TRUE")
    first, second = sequence.findall("marker")
    assert (first.findtext("name"), first.findtext("in"), first.findtext("out")) == (CLEAN, "1409", "-1")
    assert (second.findtext("color/green"), int(second.findtext("out")) - int(second.findtext("in"))) == ("255", 30)


def test_fcpxml_has_to_do_markers_on_whole_frames():
    root = read_xml(write("fcpxml", NOTES, 30000 / 1001))

    assert root.find("resources/format").get("frameDuration") == "1001/30000s"
    first, second = root.iter("marker")
    assert (first.get("value"), first.get("completed"), second.get("completed")) == (CLEAN, "0", "1")
    assert Fraction(first.get("start").rstrip("s")) == 1409 * Fraction(1001, 30000)


def test_avid_locators_have_six_columns():
    rows = [line.split("\t") for line in write("avid", NOTES).splitlines()]

    assert rows == [
        ["Alice L", "00:00:47:01", "V1", "red", CLEAN, "1"],
        ["Alice L", "01:01:01:00", "V1", "green", "Note", "25"],
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", MARKER_WRITERS)
def test_markers_of_one_video_are_exported(alice_client, make_note, video, kind):
    make_note()

    assert "The logo appears too early." in export(alice_client, kind, video_id=str(video.pk))


@pytest.mark.django_db
@pytest.mark.parametrize("kind", MARKER_WRITERS)
def test_markers_of_several_videos_are_refused(alice_client, kind):
    answer = alice_client.get("/v2/notes/export", {"format": kind})

    assert answer.status_code == 422
    assert "Choose a video" in answer.json()["error"]["message"]
