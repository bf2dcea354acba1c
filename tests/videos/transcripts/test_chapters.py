import pytest

from sage.errors import InvalidInput
from videos.transcripts import chapters

pytestmark = pytest.mark.django_db


def test_chapters_that_are_saved_unchanged_keep_their_times(alice_video):
    saved = [(0.2, "One"), (1.2, "Two"), (1.6, "Three"), (1.0, "Exact")]
    chapters.replace_chapters(alice_video, saved)
    text = chapters.as_text(alice_video.chapters.all())

    chapters.replace_chapters(alice_video, chapters.parse_text(text))

    assert list(alice_video.chapters.values_list("start", "title")) == sorted(saved)


def test_the_text_for_youtube_begins_at_zero(alice_video):
    chapters.replace_chapters(alice_video, [(1.2, "Two\nlines")])

    assert chapters.as_youtube_text(alice_video.chapters.all()) == "0:00 Start\n0:01 Two lines\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [("later Nothing", "Line 1 does not begin with a time"), ("0:00 A\n0:01", "Line 2 needs a title")],
)
def test_a_line_that_is_no_chapter_is_refused_with_its_number(text, message):
    with pytest.raises(InvalidInput, match=message):
        chapters.parse_text(text)


def test_tabs_and_empty_lines_are_taken():
    assert chapters.parse_text("0:00\tStart\n\n 1:05:00  End ") == [(0.0, "Start"), (3900.0, "End")]
