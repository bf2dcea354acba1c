import json

import pytest

from videos.comparisons import words
from videos.models import Comparison, Job, Transcript
from videos.transcripts import storage
from videos.transcripts.cues import TimedText
from videos.transcripts.words_diff import compare_words, list_words

LINES = ["The harbour opens at six on Tuesday morning.", "Bring a coat.", "Ships leave every hour until noon."]


def build_words(lines):
    return list_words([TimedText(index * 4.0, index * 4.0 + 3, line) for index, line in enumerate(lines)])


def test_changed_words_are_told_with_the_times_of_both_sides():
    changed = [LINES[0].replace("Tuesday", "Thursday"), *LINES[1:]]

    (segment,) = compare_words(build_words(LINES), build_words(changed))["segments"]

    assert (segment["op"], segment["text_a"], segment["text_b"]) == ("changed", "Tuesday", "Thursday")
    assert 1.5 < segment["a"][0] < segment["a"][1] < 3
    assert 1.5 < segment["b"][0] < segment["b"][1] < 3


def test_a_cut_sentence_is_deleted_and_an_added_one_inserted():
    (cut,) = compare_words(build_words(LINES), build_words([LINES[0], LINES[2]]))["segments"]
    (added,) = compare_words(build_words([LINES[0], LINES[2]]), build_words(LINES))["segments"]

    assert (cut["op"], cut["text_a"], cut["b"]) == ("deleted", "Bring a coat.", None)
    assert (added["op"], added["text_b"], added["a"]) == ("inserted", "Bring a coat.", None)


def test_punctuation_and_capitals_are_no_differences():
    spoken = [line.lower().replace(".", ",") for line in LINES]

    assert compare_words(build_words(LINES), build_words(spoken)) == {"segments": [], "equal_share": 1.0}


def test_a_line_recorded_again_is_one_change_and_not_one_for_each_word():
    first = ["Before it we wait.", "So this autumn take the long way home and breathe.", "After it we go."]
    again = ["Before it we wait.", "In winter the short road is the better way to travel.", "After it we go."]

    found = compare_words(build_words(first), build_words(again))["segments"]

    assert len(found) == 1
    assert found[0]["text_b"].startswith("In winter")


@pytest.mark.parametrize(("a", "b"), [([], []), ([], LINES), (LINES, [])])
def test_a_side_without_words_is_compared(a, b):
    found = compare_words(build_words(a), build_words(b))["segments"]

    assert len(found) == (1 if a or b else 0)


def put(video, lines):
    cues = [TimedText(index * 0.6, index * 0.6 + 0.5, line) for index, line in enumerate(lines)]
    storage.replace_transcript(video, Transcript.Source.UPLOADED, cues, "en")


@pytest.mark.django_db
def test_a_comparison_tells_the_words_of_transcripts_that_come_later(alice_client, alice_comparison, run_jobs):
    address = f"/v2/comparisons/{alice_comparison.pk}"
    assert alice_client.get(address).json()["words"] is None

    put(alice_comparison.video_a, LINES)
    put(alice_comparison.video_b, [LINES[0], LINES[2]])
    run_jobs(alice_comparison.video_a)
    run_jobs(alice_comparison.video_b)

    (segment,) = alice_client.get(address).json()["words"]["segments"]
    assert (segment["op"], segment["text_a"]) == ("deleted", "Bring a coat.")
    assert "Bring a coat." in alice_client.get(f"/compare/{alice_comparison.pk}/").content.decode()
    assert "Bring a coat." in alice_client.get(f"/compare/{alice_comparison.pk}/report/").content.decode()


@pytest.mark.django_db
def test_words_of_transcripts_are_escaped_on_the_page(alice_client, alice_comparison):
    hostile = [TimedText(0, 1, "<img src=x onerror=alert(1)>")]
    compared = compare_words(list_words(hostile), list_words([TimedText(0, 1, "fine")]))
    words.store_words(alice_comparison, compared)

    page = alice_client.get(f"/compare/{alice_comparison.pk}/").content.decode()

    assert "<img src=x" not in page
    assert "&lt;img" in page
    assert json.dumps(Comparison.objects.get(pk=alice_comparison.pk).words)


@pytest.mark.django_db
def test_transcripts_in_different_languages_are_compared_in_a_common_one(alice_comparison):
    a, b = alice_comparison.video_a, alice_comparison.video_b
    for video, language, line in ((a, "de", "Guten Tag zusammen"), (a, "en", LINES[0]), (b, "en", LINES[0])):
        storage.replace_transcript(video, Transcript.Source.UPLOADED, [TimedText(0, 1, line)], language)

    compared = words.compare_transcripts(a, b)

    assert compared is not None
    assert compared["segments"] == []
    assert Job.objects.of(a).filter(kind=Job.Kind.PASSAGES).exists()


@pytest.mark.django_db
def test_an_uploaded_transcript_of_unknown_language_goes_before_recognised_speech(alice_comparison):
    a, b = alice_comparison.video_a, alice_comparison.video_b
    for video in (a, b):
        storage.replace_transcript(video, Transcript.Source.SPEECH, [TimedText(0, 1, LINES[0])], "en")
    corrected = LINES[0].replace("Tuesday", "Thursday")
    storage.replace_transcript(b, Transcript.Source.UPLOADED, [TimedText(0, 1, corrected)])

    compared = words.compare_transcripts(a, b)

    assert compared is not None
    assert [segment["text_b"] for segment in compared["segments"]] == ["Thursday"]
