"""Shots that a text finds by the hosted model of clips, and similar shots by it."""

import threading
import time

import pytest
from django.conf import settings as configured
from django.core.cache import cache

from accounts.viewer import Viewer
from sage.redis_client import get_client
from tests.sage.providers.twelvelabs_server import Scripted, axis
from tests.videos.clip_rows import MODEL, add_hosted_clips
from tests.videos.passage_rows import create_video
from videos.models import Video
from videos.search import ranking, shot_vectors
from videos.search.filters import SearchFilters
from videos.search.ranking import list_nearest
from videos.search.results import search_library
from videos.search.similar import find_similar

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _long_wait(high_worker, monkeypatch):
    """Let searches wait as long as a loaded machine needs."""
    monkeypatch.setattr(shot_vectors, "WAIT_SECONDS", 30.0)


@pytest.fixture
def film(alice, twelvelabs) -> Video:
    """Create a video of Alice. Its third clip shows what the text of the tests describes."""
    twelvelabs.text_vector = lambda text: axis(7)
    video = create_video(alice, "Film", stills=[0.0, 5.0])
    add_hosted_clips(video, [1, 2, 7])
    return video


def search(user, text="a red car at night", **filters):
    return search_library(Viewer(user), text, SearchFilters(**filters))


def test_a_text_finds_the_shot_with_its_still_and_times(alice, film):
    [shot] = search(alice)[:10]

    assert (shot.kind, shot.video_id, shot.start, shot.end, shot.text) == ("visual", str(film.pk), 4.0, 6.0, "")
    assert shot.still_url.endswith("still-00001.jpg") and shot.url.endswith("?t=4.000")


def test_the_page_shows_the_shot(alice_client, film):
    page = alice_client.get("/search/?q=a+red+car&kind=visual").content.decode()

    assert "0:04 to 0:06" in page and f"/videos/{film.pk}/still-00001.jpg" in page


def test_a_strangers_clips_never_come_up(alice, bob, film):
    add_hosted_clips(create_video(bob, "Bob's"), [7])

    assert {shot.title for shot in search(alice)[:10]} == {"Film"}
    assert {shot.title for shot in search(bob)[:10]} == {"Bob's"}
    assert [one.video.title for one in find_similar(Viewer(bob), film).moments] == ["Bob's"]


def test_a_viewer_without_clips_and_a_visitor_cost_nothing(twelvelabs, bob, film):
    assert search(bob)[:10] == [] == search_library(Viewer(), "car", SearchFilters())[:10]
    assert twelvelabs.requests == []


def test_neighbouring_clips_are_one_shot_and_distant_ones_are_not_found(alice, film):
    add_hosted_clips(create_video(alice, "Long take"), [1, 7, 7, 1, 1, 7])

    first, second = sorted(shot.start for shot in search(alice)[:10] if shot.title == "Long take")

    assert first in (2.0, 4.0) and second == 10.0


def test_clips_of_another_model_are_not_compared(alice, film):
    add_hosted_clips(create_video(alice, "Other model"), [7], model="twelvelabs:marengo3.5")

    assert {shot.title for shot in search(alice)[:10]} == {"Film"}


def test_a_text_is_embedded_once_for_all(twelvelabs, alice, bob, film):
    add_hosted_clips(create_video(bob, "Bob's"), [7])
    for user in (alice, alice, bob):
        assert len(search(user)[:10]) == 1

    assert twelvelabs.texts == ["a red car at night"]
    key = cache.make_key(shot_vectors._cache_key(MODEL, "a red car at night"))
    assert 0 < get_client(configured.REDIS_URL, 5).ttl(key) <= shot_vectors.CACHE_SECONDS


def test_while_the_provider_is_silent_a_search_ends_in_time_without_shots_and_says_so(
    alice_client, twelvelabs, film, monkeypatch
):
    monkeypatch.setattr(shot_vectors, "WAIT_SECONDS", 0.3)
    twelvelabs.scripts["embed text"] = [Scripted(wait=threading.Event())]
    began = time.monotonic()

    page = alice_client.get("/search/?q=film").content.decode()

    assert time.monotonic() - began < 10
    assert shot_vectors.LATE in page and "1 result</b>" in page
    answer = alice_client.get("/v2/search?q=film")
    assert answer.status_code == 200 and [one["kind"] for one in answer.json()["results"]] == ["title"]


def test_after_a_failure_searches_do_not_wait_for_a_while(twelvelabs, alice, film):
    twelvelabs.scripts["embed text"] = [Scripted(500)]

    notices = [search(alice).notice, search(alice, "another text").notice]

    assert notices == ["Shots were not searched. TwelveLabs is unavailable. Try again in a moment."] * 2
    assert twelvelabs.count("embed text") == 1


def test_with_the_local_model_there_are_no_shots_and_no_call(twelvelabs, settings, alice, film):
    settings.CLIP_VECTOR_MODEL = "perceptual:sage-perceptual-1"

    results = search(alice)

    assert (results[:10], results.notice, twelvelabs.requests) == ([], "", [])


def test_a_search_of_another_kind_asks_for_no_vector(twelvelabs, alice, film):
    search(alice, kind="title")

    assert twelvelabs.requests == []


def test_the_reply_expires_if_nobody_takes_it(twelvelabs, alice):
    shot_vectors.compute_and_reply("a-ticket", str(alice.pk), "a car")

    assert 0 < get_client(configured.REDIS_URL, 5).ttl("sage-shots:a-ticket") < 60


def test_a_large_library_is_searched_with_the_index_of_the_model(alice, film, monkeypatch):
    monkeypatch.setattr(ranking, "MAX_EXACT_ROWS", 2)

    assert [(shot.start, shot.end) for shot in search(alice)[:10]] == [(4.0, 6.0)]


def test_the_index_of_the_model_can_serve_the_query(film):
    from django.db import connection
    from django.db.models import F
    from pgvector.django import CosineDistance

    rows = film.embeddings.model.objects.filter(model=MODEL, scope="clip").order_by(
        CosineDistance(ranking.cast_vector("vector", 512), axis(7))
    )
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("SET enable_sort = off")
        try:
            plan = rows.annotate(found=F("start"))[:3].explain()
        finally:
            cursor.execute("RESET enable_seqscan")
            cursor.execute("RESET enable_sort")

    assert "videos_clip_marengo_30" in plan


# --- Similar shots ---


def test_similar_shots_are_found_by_the_configured_model(alice, film):
    other = create_video(alice, "Other")
    add_hosted_clips(other, [9, 7])
    for video, index in ((film, 1), (other, 1)):
        add_hosted_clips(video, [index, index, index], model="sage-perceptual-1")

    [moment] = find_similar(Viewer(alice), film, 4.0, 6.0, limit=1).moments

    assert (moment.video.title, moment.start, moment.score) == ("Other", 2.0, pytest.approx(1))


def test_a_model_that_the_library_lacks_gives_way_to_one_that_both_have(alice, film):
    other = create_video(alice, "Only local")
    for video in (film, other):
        add_hosted_clips(video, [5], model="sage-perceptual-1")

    assert [one.video.title for one in find_similar(Viewer(alice), film).videos] == ["Only local"]


def test_similar_shots_of_a_large_library_use_the_index(alice, film, monkeypatch):
    monkeypatch.setattr(ranking, "MAX_EXACT_ROWS", 1)
    add_hosted_clips(create_video(alice, "Other"), [9, 7])

    assert [one.start for one in find_similar(Viewer(alice), film, 4.0, 6.0).moments][:1] == [2.0]
    assert (
        list_nearest(film.embeddings.filter(model=MODEL, scope="clip"), "vector", axis(7), 1, False, "start")[0][2]
        == 4.0
    )
