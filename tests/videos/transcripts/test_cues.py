import json

import pytest

from sage.errors import ApplicationError, InvalidInput, UnsupportedMediaType
from videos.transcripts.cues import MAX_CUES, TimedText, check_times, clean_text, parse_cues, read_json_cues, write_cues

SRT = "1\n00:00:01,000 --> 00:00:02,500\nGrüße aus <b>Köln</b>\n\n2\n00:00:03,000 --> 00:00:04,000\nBis bald\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_subtitles_are_read_in_the_encodings_that_programs_write(encoding):
    cues = parse_cues((SRT * 4).encode(encoding), "application/x-subrip")

    assert "Grüße aus Köln" in {cue.text for cue in cues}


def test_cyrillic_subtitles_in_an_old_encoding_are_read():
    line = "Корабль стоит в гавани и ждёт ветра, а команда спит на берегу."
    data = SRT.replace("Grüße aus <b>Köln</b>", line).replace("Bis bald", line * 3).encode("cp1251")

    assert parse_cues(data, "application/x-subrip")[0].text == line


def test_webvtt_is_read_with_its_settings_and_notes():
    data = b"WEBVTT\n\nNOTE a comment\n\none\n00:01.000 --> 00:02.000 align:start\n<v Anna>Good &amp; early</v>\n"

    assert parse_cues(data, "text/vtt") == [TimedText(1.0, 2.0, "Good & early")]


def test_markup_of_subtitles_is_removed_and_other_markup_stays_text():
    data = SRT.replace("<b>Köln</b>", "<script>alert(1)</script>").encode()
    cues = parse_cues(data, "application/x-subrip")

    assert cues[0].text == "Grüße aus <script>alert(1)</script>"
    assert "<" not in write_cues([TimedText(0, 1, "a < b & c")], "vtt").split("\n\n", 1)[1]


def test_cues_are_sorted_and_may_overlap():
    cues = read_json_cues([{"text": "b", "offset": 2, "duration": 9}, {"text": "a", "offset": 1.5, "duration": 3}])

    assert [cue.text for cue in check_times(sorted(cues, key=lambda cue: cue.start), 20)] == ["a", "b"]


@pytest.mark.parametrize(
    "cues",
    [
        [{"text": "a", "offset": -1, "duration": 1}],
        [{"text": "a", "offset": 0, "duration": -1}],
        [{"text": "a", "offset": True, "duration": 1}],
        [{"text": "a", "offset": float("nan"), "duration": 1}],
        [{"text": None, "offset": 0, "duration": 1}],
        [{"text": "a"}],
        ["a"],
        {"text": "a"},
        "a",
    ],
)
def test_invalid_json_cues_are_refused_with_a_sentence(cues):
    with pytest.raises(InvalidInput, match=r"Cue 1|list of cues"):
        read_json_cues(cues)


def test_a_cue_after_the_end_of_the_video_is_refused_and_a_long_one_is_shortened():
    with pytest.raises(InvalidInput, match="after the end of the video"):
        check_times([TimedText(11.5, 12, "late")], 10)

    assert check_times([TimedText(9, 30, "long"), TimedText(10.5, 11, "just late")], 10) == [
        TimedText(9, 10, "long"),
        TimedText(10.5, 10.5, "just late"),
    ]


def test_too_many_cues_are_refused_and_the_most_are_taken():
    cue = {"text": "a", "offset": 1, "duration": 1}

    assert len(read_json_cues([cue] * MAX_CUES)) == MAX_CUES
    with pytest.raises(InvalidInput, match="100,001 cues"):
        read_json_cues([cue] * (MAX_CUES + 1))


@pytest.mark.parametrize("data", [b"\x00\x01\x02PNG", b"just some words", b"<html></html>", b"1\n\nno times\n"])
def test_a_file_that_holds_no_subtitles_is_refused(data):
    with pytest.raises(ApplicationError) as caught:
        parse_cues(data, "application/octet-stream", "a.bin")
    assert isinstance(caught.value, InvalidInput | UnsupportedMediaType)


def test_identifiers_comments_and_styles_of_webvtt_are_no_text():
    data = "WEBVTT\n\nSTYLE\n::cue {}\n\nNOTE secret\n\none\n00:01.000 --> 00:02.000\nHi\n\nNOTE more\nsecret\n\ntwo\n"
    data += "00:03.000 --> 00:04.000\nthere"

    assert [cue.text for cue in parse_cues(data.encode(), "text/vtt")] == ["Hi", "there"]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("hello\tworld", "hello world"),
        ("100\u00a0000 francs\u202f!", "100 000 francs !"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("こんにちは\u3000世界", "こんにちは 世界"),
        ("a\x00\x07b", "ab"),
        ("\ufefffirst\n\n second ", "first\nsecond"),
    ],
)
def test_only_characters_that_cannot_be_shown_are_removed(text, cleaned):
    assert clean_text(text) == cleaned


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_all_line_endings_are_read(ending):
    assert len(parse_cues(SRT.replace("\n", ending).encode(), "application/x-subrip")) == 2


def test_a_subtitle_file_that_begins_with_a_bracket_is_no_json():
    data = "1\n00:00:01,000 --> 00:00:02,000\n[Music]\n"

    assert parse_cues(("[" + data).encode(), "", "a.srt")[0].text == "[Music]"


def test_unreadable_times_are_refused_with_their_line():
    with pytest.raises(InvalidInput, match="-00:00:01,000 --> 00:00:02,000"):
        parse_cues(b"1\n-00:00:01,000 --> 00:00:02,000\nHi\n", "application/x-subrip")


TEXTS = ["First & <last>\nline", "{braces} and C:\\New\\names", "a 00:00:01,000 --> b", "List<String> &amp; <div>"]


@pytest.mark.parametrize("kind", ["vtt", "json"])
def test_every_text_is_read_back_as_it_was_written(kind):
    cues = [TimedText(number, number + 0.5, text) for number, text in enumerate(TEXTS)]

    again = parse_cues(write_cues(cues, kind).encode(), {"vtt": "text/vtt"}.get(kind, "application/json"))

    assert [cue.text for cue in again] == TEXTS


@pytest.mark.parametrize("kind", ["srt", "vtt", "json"])
def test_times_are_read_back_as_they_were_written(kind):
    cues = [TimedText(0.5, 1.25, "First\nline"), TimedText(3661.001, 3662, "second")]

    again = parse_cues(write_cues(cues, kind).encode(), {"srt": "text/srt", "vtt": "text/vtt"}.get(kind, "a/json"))

    assert [(cue.start, cue.end) for cue in again] == [(cue.start, cue.end) for cue in cues]


def test_plain_text_has_one_line_for_each_cue():
    assert write_cues([TimedText(0, 1, "a\nb"), TimedText(1, 2, "c")], "txt") == "a b\nc\n"
    assert json.loads(write_cues([TimedText(0, 1, "a")], "json")) == [{"text": "a", "offset": 0, "duration": 1}]
