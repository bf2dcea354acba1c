"""A version takes over the captions and chapters of the version before."""

import pytest

from sage.errors import Conflict
from tests.notes.carrying_rows import RECUT, compare, create_version
from videos.models import Cue, Job, Transcript
from videos.transcripts import chapters, storage, takeover
from videos.transcripts.cues import TimedText

pytestmark = pytest.mark.django_db
LINES = [(5, 7.5, "Kept"), (12, 14, "Gone"), (25, 27, "Changed"), (31, 33, "Moved"), (41, 43, "Later")]


@pytest.fixture
def first(alice):
    return create_version(alice, "cut 1", 60)


@pytest.fixture
def second(alice, first):
    video = create_version(alice, "cut 2", 50, of=first)
    compare(first, video, RECUT)
    return video


@pytest.fixture
def captions(first):
    return storage.replace_uploaded_transcript(first, [TimedText(*line) for line in LINES], "en")


def read(video):
    transcript = storage.choose_transcript(video)
    return [(cue.start, cue.end, cue.text) for cue in storage.load_cues(transcript)] if transcript else None


def test_the_captions_are_retimed(second, captions):
    found = takeover.take_over(second, captions=True, chapters=True)

    assert read(second) == [(5, 7.5, "Kept"), (15, 17, "Changed"), (21, 23, "Later"), (41, 43, "Moved")]
    assert storage.choose_transcript(second).language == "en"
    assert [(line.text, line.state) for line in found.differing_cues] == [("Gone", "deleted"), ("Changed", "changed")]
    assert Job.objects.filter(video=second, kind=Job.Kind.PASSAGES).exists()


def test_the_chapters_are_retimed_by_the_footage_that_they_cover(first, second):
    chapters.replace_chapters(first, [(0, "Opening"), (10, "Gone"), (18, "Middle"), (30, "Moved"), (40, "End")])

    found = takeover.take_over(second, captions=True, chapters=True)

    kept = [(chapter.start, chapter.title) for chapter in chapters.list_chapters(second)]
    assert kept == [(0, "Opening"), (10, "Middle"), (20, "End"), (40, "Moved")]
    assert [(line.text, line.state) for line in found.differing_chapters] == [
        ("Gone", "deleted"),
        ("Middle", "changed"),
    ]
    assert read(second) is None


def test_taking_over_twice_gives_the_same(second, captions):
    for _ in range(2):
        takeover.take_over(second, captions=True, chapters=True)

    assert len(read(second)) == 4
    assert second.transcripts.count() == 1


def test_recognised_speech_is_taken_over_only_if_it_was_corrected(first, second):
    speech = storage.replace_transcript(first, Transcript.Source.SPEECH, [TimedText(5, 7, "Heard")], "en")
    assert takeover.find_source(second) is None

    storage.edit_cue(first, Cue.objects.get(transcript=speech).pk, "Said")
    takeover.take_over(second, captions=True, chapters=True)

    assert read(second) == [(5, 7, "Said")]


def test_nothing_is_stored_if_no_line_is_left(first, second):
    storage.replace_uploaded_transcript(first, [TimedText(12, 14, "Gone")], "en")
    storage.replace_uploaded_transcript(second, [TimedText(1, 2, "Own")], "en")

    with pytest.raises(Conflict, match="Nothing was changed"):
        takeover.take_over(second, captions=True, chapters=True)

    assert read(second) == [(1, 2, "Own")]


def test_a_first_version_has_nothing_to_take_over(first, captions):
    with pytest.raises(Conflict):
        takeover.take_over(first, captions=True, chapters=True)


def test_the_page_lists_the_lines_in_changed_footage_and_takes_over(alice_client, first, second, captions):
    watch = alice_client.get(f"/videos/{second.pk}/").content.decode()
    assert f'href="/videos/{second.pk}/take-over/"' in watch
    assert "Take over captions from version 1" in watch
    assert "Take over captions" not in alice_client.get(f"/videos/{first.pk}/").content.decode()

    page = alice_client.get(f"/videos/{second.pk}/take-over/").content.decode()
    assert "5: 2 unchanged, 1 changed here, 1 moved, 1 deleted" in page
    assert ">Gone</td>" in page
    assert ">Kept</td>" not in page
    assert read(second) is None

    answer = alice_client.post(f"/videos/{second.pk}/take-over/", {"captions": "on"}, follow=True)

    assert "Taken over." in answer.content.decode()
    assert len(read(second)) == 4


def test_a_page_without_captions_and_a_stranger(alice_client, bob_client, first, second):
    page = f"/videos/{second.pk}/take-over/"

    assert "no captions or chapters of yours" in alice_client.get(page).content.decode()
    assert "no captions or chapters of yours" in alice_client.post(page, follow=True).content.decode()
    assert bob_client.get(page).status_code == bob_client.post(page).status_code == 404
