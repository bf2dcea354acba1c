"""The list of text on screen on the page of a video, its search, and its place in comparisons."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from sage.jobs import queue
from videos.comparisons import screen_text
from videos.models import Comparison, Job
from videos.screen_text.steps import replace_lines

pytestmark = pytest.mark.django_db
BOX = {"x": 0.1, "y": 0.8, "width": 0.4, "height": 0.08}
CHANGE = {
    "op": "changed",
    "a": [0.4, 1.2],
    "b": [0.5, 1.3],
    "text_a": "Open from 6:00",
    "text_b": "=Open from 7:00",
    "box": BOX,
}


def line(text, start=0.5, end=1.5):
    return {"start": start, "end": end, "text": text, "box": [0.1, 0.8, 0.4, 0.08], "confidence": 0.98}


@pytest.fixture
def read_video(alice_video):
    """Return a video whose text has been read, with a line from 0.5 s on."""
    alice_video.jobs.filter(kind=Job.Kind.SCREEN_TEXT).update(status=Job.Status.COMPLETED)
    replace_lines(alice_video, [line("Vale <b>Trails</b> every morning")])
    alice_video.refresh_from_db()
    return alice_video


def get_page(client, video, query="?panel=screen_text"):
    return client.get(f"/videos/{video.pk}/{query}").content.decode()


def test_the_lines_are_listed_escaped_with_links_to_their_seconds(alice_client, read_video):
    page = get_page(alice_client, read_video)

    assert escape("Vale <b>Trails</b> every morning") in page
    assert 'href="?panel=screen_text&amp;t=0.50" data-seconds="0.500"' in page
    assert '<div id="panel-screen_text" >' in page
    assert '<div id="panel-transcript" hidden>' in page


@pytest.mark.parametrize("query", ["", "?panel=unknown", "?panel="])
def test_the_notes_are_the_first_panel(alice_client, read_video, query):
    assert '<div id="panel-notes" >' in get_page(alice_client, read_video, query)


def test_a_video_without_text_says_so(alice_client, alice_video):
    alice_video.jobs.filter(kind=Job.Kind.SCREEN_TEXT).update(status=Job.Status.COMPLETED)
    replace_lines(alice_video, [])

    assert "No text was found in the picture of this video." in get_page(alice_client, alice_video)


def test_a_waiting_reading_is_shown_and_a_cancelled_one_can_be_retried(alice_client, alice_video):
    assert "Reading text on screen, queued" in get_page(alice_client, alice_video)
    queue.cancel(alice_video.jobs.all())

    page = get_page(alice_client, alice_video)
    assert "The reading of text on screen was cancelled." in page
    assert f"/videos/{alice_video.pk}/retry/" in page


def test_a_running_reading_shows_its_progress_in_time(alice_client, alice_video):
    job = alice_video.jobs.filter(kind=Job.Kind.SCREEN_TEXT)
    job.update(status=Job.Status.IN_PROGRESS, progress=0.5)

    assert "Reading text on screen, 0:01 of 0:02" in get_page(alice_client, alice_video)


def test_a_failed_reading_shows_its_error(alice_client, alice_video):
    alice_video.jobs.filter(kind=Job.Kind.SCREEN_TEXT).update(status=Job.Status.FAILED, error="It <failed>.")

    assert "It &lt;failed&gt;." in get_page(alice_client, alice_video)


def test_the_owner_starts_the_reading_of_an_older_video(alice_client, bob_client, alice_video):
    alice_video.jobs.filter(kind=Job.Kind.SCREEN_TEXT).delete()
    address = f"/videos/{alice_video.pk}/screen-text/"
    assert address in get_page(alice_client, alice_video)
    assert bob_client.post(address).status_code == 404

    answer = alice_client.post(address)

    assert answer.url == f"/videos/{alice_video.pk}/?panel=screen_text"
    assert alice_video.jobs.get(kind=Job.Kind.SCREEN_TEXT).is_open
    assert address not in get_page(alice_client, alice_video)


def test_reading_that_is_turned_off_cannot_be_started(alice_client, alice_video, settings):
    settings.SCREEN_TEXT = False
    alice_video.jobs.filter(kind=Job.Kind.SCREEN_TEXT).delete()

    page = alice_client.post(f"/videos/{alice_video.pk}/screen-text/", follow=True).content.decode()

    assert "Nothing was changed." in page
    assert not alice_video.jobs.filter(kind=Job.Kind.SCREEN_TEXT).exists()


def test_a_long_list_is_cut_and_says_so(alice_client, alice_video, monkeypatch):
    monkeypatch.setattr("videos.screen_text.page.MAX_SHOWN_LINES", 2)
    replace_lines(alice_video, [line(f"Line {number}", number / 10) for number in range(3)])

    page = get_page(alice_client, alice_video)

    assert page.count('data-seconds="0.') == 2 + page.count('data-seconds="0.', 0, page.index('id="screen-text"'))
    assert "Only the first 2 lines are shown." in page


def test_the_search_finds_a_line_at_its_second_and_marks_the_words(alice_client, bob_client, read_video):
    (result,) = alice_client.get("/v2/search?q=morning&kind=screen_text").json()["results"]

    assert (result["kind"], result["video_id"], result["start"]) == ("screen_text", str(read_video.pk), 0.5)
    start, end = result["marks"][0]
    assert result["text"][start:end] == "morning"
    assert "t=0.500" in alice_client.get("/search/?q=morning").content.decode()
    assert bob_client.get("/v2/search?q=morning").json()["results"] == []


@pytest.fixture
def changed_comparison(alice_comparison):
    Comparison.objects.filter(pk=alice_comparison.pk).update(screen_text=[CHANGE])
    return alice_comparison


def test_the_words_tab_lists_text_on_screen_with_its_box(alice_client, changed_comparison):
    page = alice_client.get(f"/compare/{changed_comparison.pk}/?panel=words").content.decode()

    assert '<del dir="auto">Open from 6:00</del>' in page
    assert 'data-until="1.300" data-side="b" data-box="0.1 0.8 0.4 0.08"' in page
    assert 'href="?t=0.500&amp;panel=words"' in page
    assert '<div id="panel-differences" hidden>' in page


def test_the_words_tab_says_what_was_not_compared(alice_client, alice_comparison):
    page = alice_client.get(f"/compare/{alice_comparison.pk}/?panel=words").content.decode()

    assert "Words are compared when both videos have a transcript." in page
    assert "Text on screen is compared when it was read in both videos." in page


def test_the_api_returns_text_on_screen_beside_words(alice_client, changed_comparison):
    words = alice_client.get(f"/v2/comparisons/{changed_comparison.pk}").json()["words"]

    assert words == {"segments": [], "screen_text": [CHANGE]}


def test_the_report_lists_text_on_screen(alice_client, changed_comparison):
    assert "Open from 6:00" in alice_client.get(f"/compare/{changed_comparison.pk}/report/").content.decode()


@pytest.mark.parametrize("kind", ["json", "csv", "md"])
def test_exports_carry_text_on_screen(alice_client, changed_comparison, kind):
    text = alice_client.get(f"/compare/{changed_comparison.pk}/export/?format={kind}").content.decode()

    if kind == "json":
        assert json.loads(text)["words"]["screen_text"] == [CHANGE]
    elif kind == "csv":
        assert text.splitlines()[-1] == (
            "1,changed,,0.4,1.2,0.5,1.3,,0.1 0.8 0.4 0.08,screen_text,Open from 6:00,'=Open from 7:00,,,,,"
        )
    else:
        assert "1. **Changed**, 0:00.40 in A · 0:00.50 in B: “Open from 6:00” → “=Open from 7:00”" in text


def test_comparing_again_stores_no_text_when_a_video_was_not_read(alice_comparison):
    screen_text.refresh_comparison(alice_comparison.pk)

    alice_comparison.refresh_from_db()
    assert alice_comparison.screen_text is None


def test_the_query_count_of_the_page_does_not_grow_with_the_lines(alice_client, alice_video, django_assert_num_queries):
    replace_lines(alice_video, [line("One")])
    get_page(alice_client, alice_video)  # the first visit writes the session
    with CaptureQueriesContext(connection) as one:
        get_page(alice_client, alice_video)
    replace_lines(alice_video, [line(f"Line {number}", number / 50) for number in range(50)])

    with django_assert_num_queries(len(one)):
        get_page(alice_client, alice_video)
