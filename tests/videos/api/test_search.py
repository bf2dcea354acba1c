"""`GET /v2/search` and `GET /v2/videos/{video_id}/similar`."""

import uuid

import pytest

from tests.videos.passage_rows import add_passages, create_video
from videos.models import Collection, Embedding

pytestmark = pytest.mark.django_db
KEYS = {"kind", "video_id", "title", "start", "end", "text", "marks", "score"}
SEARCH_QUERIES = 17  # user, languages, 8 kinds by text, order of vectors of 3 kinds, rows of 2 kinds, marks, cues


@pytest.fixture
def bridges(alice):
    """Create three videos of Alice about bridges."""
    for number in range(3):
        video = create_video(alice, f"Bridge {number}")
        add_passages(video, [[f"This is bridge number {number}.", "It is made of stone."]])
    return video


def refused(answer) -> tuple[int, str, str]:
    [detail] = answer.json()["error"]["details"]
    return answer.status_code, detail["field"], detail["type"]


def test_results_have_the_documented_shape(alice_client, bridges):
    answer = alice_client.get("/v2/search", {"q": "bridge", "kind": "transcript", "video_id": str(bridges.pk)})

    assert answer.status_code == 200
    [result] = answer.json()["results"]
    assert set(result) == KEYS
    assert (result["video_id"], result["start"], result["end"]) == (str(bridges.pk), 0.0, 5.0)
    assert (result["text"], result["marks"]) == ("This is bridge number 2. It is made of stone.", [[8, 14]])


def test_results_are_paged(alice_client, bridges):
    pages = [alice_client.get("/v2/search", {"q": "bridge", "per_page": 4, "page": page}).json() for page in (1, 2, 3)]

    assert [len(page["results"]) for page in pages] == [4, 2, 0]
    assert {name: pages[0][name] for name in ("total", "page", "per_page", "total_pages")} == {
        "total": 6, "page": 1, "per_page": 4, "total_pages": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "field", "rule"),
    [
        ({}, "q", "missing"),
        ({"q": ""}, "q", "too_short"),
        ({"q": " \t "}, "q", "too_short"),
        ({"q": "x" * 501}, "q", "too_long"),
        ({"q": "x" * 10_240}, "q", "too_long"),
        ({"q": "a\x00b"}, "q", "null_characters_not_allowed"),
        ({"q": "a", "kind": "songs"}, "kind", "invalid_choice"),
        ({"q": "a", "video_id": "1"}, "video_id", "invalid"),
        ({"q": "a", "since": "yesterday"}, "since", "invalid"),
    ],
)
def test_an_invalid_query_is_422(alice_client, query, field, rule):
    assert refused(alice_client.get("/v2/search", query)) == (422, field, rule)


@pytest.mark.parametrize("text", ["x" * 500, "  bridge  ", '"', "a:*", "\\", "((", "%00", "💡", "' OR ''='"])
def test_any_other_text_is_searched(alice_client, bridges, text):
    assert alice_client.get("/v2/search", {"q": text}).status_code == 200


def test_another_users_video_and_collection_are_404(bob_client, bob, alice, bridges):
    autumn = Collection.objects.create(owner=alice, name="Autumn")

    for name, value in (("video_id", bridges.pk), ("collection_id", autumn.pk), ("video_id", uuid.uuid4())):
        assert bob_client.get("/v2/search", {"q": "bridge", name: str(value)}).status_code == 404
    assert bob_client.get("/v2/search", {"q": "bridge"}).json()["results"] == []


def test_guests_cannot_search(client):
    assert client.get("/v2/search", {"q": "a"}, headers={"X-Guest-Session-ID": "a-guest-of-sage"}).status_code == 401


def test_the_query_count_does_not_grow_with_the_results(alice_client, bridges, django_assert_num_queries):
    alice_client.get("/v2/search?q=bridge")  # the session is renewed

    with django_assert_num_queries(SEARCH_QUERIES):
        assert len(alice_client.get("/v2/search?q=bridge&per_page=2").json()["results"]) == 2
    with django_assert_num_queries(SEARCH_QUERIES):
        assert len(alice_client.get("/v2/search?q=bridge&per_page=50").json()["results"]) == 6


# --- Similar shots ---


def add_clips(video, *vectors):
    """Add one clip of 2 s for each vector, and their mean as the vector of the whole video."""
    shared = {"video": video, "model": "toy", "dimensions": 3}
    for number, vector in enumerate(vectors):
        start = 2.0 * number
        Embedding.objects.create(**shared, scope="clip", start=start, end=start + 2, vector=vector)
    mean = [sum(values) / len(vectors) for values in zip(*vectors, strict=True)]
    Embedding.objects.create(**shared, scope="video", vector=mean)


RED, GREEN, BLUE = [1, 0, 0], [0, 1, 0], [0, 0, 1]


@pytest.fixture
def red(alice):
    """Create a red video of Alice, one that becomes red after 4 s, and a blue one."""
    videos = [create_video(alice, title) for title in ("Red", "Later red", "Blue")]
    add_clips(videos[0], RED, RED, [1, 0.5, 0])
    add_clips(videos[1], GREEN, GREEN, [0.9, 0.1, 0], RED)
    add_clips(videos[2], BLUE, BLUE)
    return videos[0]


def test_the_nearest_moments_and_videos_come_first(alice_client, red):
    found = alice_client.get(f"/v2/videos/{red.pk}/similar?start=0&end=2&limit=2").json()

    assert [(one["title"], one["start"], one["end"]) for one in found["moments"]] == [
        ("Later red", 6.0, 8.0),  # its neighbour from 4 s on is the same moment
        ("Red", 4.0, 6.0),
    ]
    assert found["moments"][0]["score"] == pytest.approx(1)
    assert [one["title"] for one in found["videos"]] == ["Later red", "Blue"]


def test_without_a_part_the_video_itself_is_left_out(alice_client, red):
    found = alice_client.get(f"/v2/videos/{red.pk}/similar").json()

    assert {one["title"] for one in found["moments"]} == {"Later red", "Blue"}


def test_similar_shots_are_searched_in_the_own_library_only(alice_client, bob_client, bob, red):
    add_clips(create_video(bob, "Bob's"), RED)

    found = alice_client.get(f"/v2/videos/{red.pk}/similar?start=0").json()

    assert "Bob's" not in {one["title"] for one in found["moments"] + found["videos"]}
    assert bob_client.get(f"/v2/videos/{red.pk}/similar").status_code == 404


def test_a_video_without_vectors_has_no_similar_shots(alice_client, alice, red):
    plain = create_video(alice, "Plain")

    assert alice_client.get(f"/v2/videos/{plain.pk}/similar").json() == {"videos": [], "moments": []}
    assert alice_client.get(f"/v2/videos/{red.pk}/similar?start=500").json()["moments"] == []


@pytest.mark.parametrize(
    "query", ["start=-1", "start=nan", "end=inf", "start=3&end=3", "limit=0", "limit=51", "start=x"]
)
def test_an_invalid_part_is_422(alice_client, red, query):
    assert alice_client.get(f"/v2/videos/{red.pk}/similar?{query}").status_code == 422
