"""The search page and the page of similar shots, without JavaScript."""

import pytest

from tests.videos.passage_rows import add_passages, create_video
from videos.models import Chapter, Collection, Embedding

pytestmark = pytest.mark.django_db
PAGE_QUERIES = 10


@pytest.fixture
def interview(alice):
    video = create_video(alice, "Street <i>interview</i>", stills=[0.0, 6.0, 12.0])
    add_passages(video, [["I leave at six.", "The <b>bridge</b> is empty.", "Then the cars come."]])
    return video


def test_a_result_shows_the_words_the_time_the_still_and_a_link(alice_client, interview):
    page = alice_client.get("/search/?q=bridges").content.decode()

    assert "<mark>bridge</mark>" in page
    assert "&lt;b&gt;" in page and "<b>bridge" not in page
    assert "<time>0:05</time>" in page
    assert f'href="/videos/{interview.pk}/?t=5.000"' in page
    assert f"/videos/{interview.pk}/still-00001.jpg" in page
    assert "Street &lt;i&gt;interview&lt;/i&gt;" in page


def test_results_are_grouped_by_video(alice_client, alice, interview):
    Chapter.objects.create(video=interview, start=1, title="A bridge")
    create_video(alice, "Bridge, early light")

    groups = alice_client.get("/search/?q=bridge").context["groups"]

    assert sorted(len(group) for group in groups) == [1, 2]


def test_filters_are_kept_and_limit_the_results(alice_client, alice, interview):
    autumn = Collection.objects.create(owner=alice, name="Autumn")

    page = alice_client.get(
        f"/search/?q=bridge&kind=transcript&collection={autumn.pk}&since=2020-01-01"
    ).content.decode()

    assert "No results" in page and "with these filters" in page
    assert f'<option value="{autumn.pk}" selected>' in page
    assert 'value="2020-01-01"' in page and '<option value="transcript" selected>' in page
    assert 'href="/search/?q=bridge"' in page  # removes the filters


def test_pages_of_results_keep_the_search(alice_client, alice):
    for number in range(25):
        create_video(alice, f"Bridge {number}")

    first = alice_client.get("/search/?q=bridge&kind=title").content.decode()

    assert "25 results" in first and "Page 1 of 2" in first
    assert "?q=bridge&amp;kind=title&amp;page=2" in first
    assert alice_client.get("/search/?q=bridge&kind=title&page=2").content.decode().count('class="hit"') == 5


def test_without_a_text_the_page_says_what_can_be_searched(alice_client):
    answer = alice_client.get("/search/?q=+")

    assert answer.status_code == 200
    assert "what is said in your videos" in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("q=" + "x" * 501, "at most 500 characters"),
        ("q=a%00b", "cannot be searched"),
        ("q=a&kind=songs", "one of the listed kinds"),
        ("q=a&collection=autumn", "one of your collections"),
        ("q=a&since=tomorrow", "the first day"),
        ("q=a&until=9999-12-31", ""),
    ],
)
def test_an_invalid_search_is_explained(alice_client, query, message):
    answer = alice_client.get(f"/search/?{query}")

    assert (answer.status_code, message in answer.content.decode()) == (422 if message else 200, True)


def test_another_users_collection_is_404(bob_client, alice):
    autumn = Collection.objects.create(owner=alice, name="Autumn")

    assert bob_client.get(f"/search/?q=bridge&collection={autumn.pk}").status_code == 404


def test_every_page_of_a_user_has_the_search_box(alice_client, client):
    assert 'id="header-search"' in alice_client.get("/library/").content.decode()
    alice_client.logout()
    assert 'id="header-search"' not in client.get("/account/login/").content.decode()


def test_the_query_count_does_not_grow_with_the_results(alice_client, alice, interview, django_assert_num_queries):
    alice_client.get("/search/?q=bridge")  # the session is renewed
    with django_assert_num_queries(PAGE_QUERIES):
        alice_client.get("/search/?q=bridge&kind=transcript")
    for number in range(10):
        add_passages(create_video(alice, f"Take {number}"), [["The bridge again."]])
    with django_assert_num_queries(PAGE_QUERIES):
        assert len(alice_client.get("/search/?q=bridge&kind=transcript").context["groups"]) == 11


def test_similar_shots_are_listed_with_their_stills(alice_client, alice, bob_client, interview):
    other = create_video(alice, "Other", stills=[0.0, 3.0])
    for video in (interview, other):
        shared = {"video": video, "model": "toy", "dimensions": 2}
        Embedding.objects.create(**shared, scope="clip", start=2, end=4, vector=[1, 0])
        Embedding.objects.create(**shared, scope="video", vector=[1, 0])

    page = alice_client.get(f"/videos/{interview.pk}/similar/?start=2&end=4").content.decode()

    assert f'href="/videos/{other.pk}/?t=2.000"' in page and f"/videos/{other.pk}/still-00001.jpg" in page
    assert bob_client.get(f"/videos/{interview.pk}/similar/").status_code == 404
    assert alice_client.get(f"/videos/{interview.pk}/similar/?start=nan&end=x").status_code == 200
