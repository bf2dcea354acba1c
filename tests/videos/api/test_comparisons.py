import json
import tracemalloc
import uuid

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from sage.jobs import worker
from tests.long_script import build_script
from videos.models import Comparison, Job, Video

pytestmark = pytest.mark.django_db
KEYS = [
    "id",
    "status",
    "progress",
    "error",
    "video_a",
    "video_b",
    "mode",
    "transforms",
    "metric",
    "threshold_used",
    "embedding_model",
    "similarity_percent",
    "total_segments",
    "differing_segments",
    "segments",
    "words",
    "facts",
]
LIST_QUERIES, READ_QUERIES = 5, 4
NOWHERE = uuid.UUID(int=7)


def send(client, method, path, body=None):
    return getattr(client, method)(path, body, content_type="application/json")


@async_to_sync
async def _body(answer):
    return b"".join([piece async for piece in answer.streaming_content])


def listed(client, query=""):
    """Return a page of the list, which is streamed row by row."""
    answer = client.get(f"/v2/comparisons{query}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    return json.loads(_body(answer))


@pytest.fixture
def pending(alice_client, alice_pair):
    a, b = alice_pair
    return send(alice_client, "post", "/v2/comparisons", {"video_a": str(a.pk), "video_b": str(b.pk)})


def test_a_comparison_is_created_and_read(alice_client, pending):
    assert pending.status_code == 202
    created = pending.json()
    assert list(created) == KEYS
    assert [created[key] for key in ("status", "progress", "error", "mode")] == ["pending", 0, None, "aligned"]
    assert (created["segments"], created["similarity_percent"], created["threshold_used"]) == ([], None, None)

    worker.run(Job, Job.objects.get(kind=Job.Kind.COMPARE).pk)
    read = alice_client.get(f"/v2/comparisons/{created['id']}").json()

    assert list(read) == KEYS
    assert (read["status"], read["progress"], read["metric"], read["embedding_model"]) == ("completed", 1, None, None)
    assert read["video_a"] == {"video_id": created["video_a"]["video_id"], "title": "clip", "duration": 2.0}
    assert [segment["op"] for segment in read["segments"]] == ["equal", "inserted", "equal"]
    keys = {"op", "a", "b", "distance", "severity", "kind", "confidence", "regions", "review", "note_count"}
    assert set(read["segments"][0]) == keys
    assert (read["total_segments"], read["differing_segments"]) == (3, 1)
    assert read["threshold_used"] > 0


def test_intervals_are_compared_with_the_requested_metric(alice_client, alice_pair):
    a, b = alice_pair
    body = {"video_a": str(a.pk), "video_b": str(b.pk), "mode": "interval", "metric": "euclidean", "threshold": 0.2}
    created = send(alice_client, "post", "/v2/comparisons", body).json()
    worker.run(Job, Job.objects.get(kind=Job.Kind.COMPARE).pk)

    read = alice_client.get(f"/v2/comparisons/{created['id']}").json()

    assert (read["mode"], read["metric"], read["threshold_used"]) == ("interval", "euclidean", 0.2)
    assert read["embedding_model"]
    assert [segment["b"] for segment in read["segments"]] == [[0, 2], [2, 3]]


@pytest.mark.parametrize(
    ("wrong", "field", "rule"),
    [
        ({"video_b": None}, "video_b", "missing"),
        ({"video_a": 7}, "video_a", "invalid"),
        ({"video_a": ""}, "video_a", "too_short"),
        ({"threshold": 0.009}, "threshold", "out_of_range"),
        ({"threshold": 0.51}, "threshold", "out_of_range"),
        ({"threshold": "0.1"}, "threshold", "invalid"),
        ({"threshold": True}, "threshold", "invalid"),
        ({"threshold": [0.1]}, "threshold", "invalid"),
        ({"metric": "manhattan"}, "metric", "invalid_choice"),
        ({"mode": "exact"}, "mode", "invalid_choice"),
    ],
)
def test_an_invalid_value_is_422_and_names_the_field(alice_client, alice_pair, wrong, field, rule):
    a, b = alice_pair
    answer = send(alice_client, "post", "/v2/comparisons", {"video_a": str(a.pk), "video_b": str(b.pk), **wrong})

    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == "VALIDATION_ERROR"
    assert [(detail["field"], detail["type"]) for detail in error["details"]] == [(field, rule)]
    assert error["details"][0]["message"]
    assert not Comparison.objects.exists()


def test_an_empty_body_is_422_for_both_sides(alice_client):
    details = send(alice_client, "post", "/v2/comparisons", {}).json()["error"]["details"]

    assert [(detail["field"], detail["type"]) for detail in details] == [("video_a", "missing"), ("video_b", "missing")]


@pytest.mark.parametrize("body", ["[1]", '"x"', "7", "null"])
def test_a_body_that_is_not_an_object_is_422(alice_client, body):
    answer = alice_client.post("/v2/comparisons", body, "application/json")

    assert answer.status_code == 422
    assert "must be a JSON object" in answer.json()["error"]["message"]


@pytest.mark.parametrize("body", ["{", '{"threshold": NaN}', "[" * 5000])
def test_a_body_that_is_not_json_is_400(alice_client, body):
    answer = alice_client.post("/v2/comparisons", body, "application/json")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_REQUEST")


def test_a_body_of_another_media_type_is_415(alice_client):
    answer = alice_client.post("/v2/comparisons", "video_a=1", "text/plain")

    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_comparing_a_video_with_itself_is_422(alice_client, alice_video):
    answer = send(
        alice_client, "post", "/v2/comparisons", {"video_a": str(alice_video.pk), "video_b": str(alice_video.pk)}
    )

    assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (422, "video_b")


@pytest.mark.parametrize("status", [Video.Status.PROCESSING, Video.Status.FAILED, Video.Status.CANCELLED])
def test_a_video_that_is_not_ready_is_409(alice_client, alice_pair, status):
    a, b = alice_pair
    Video.objects.filter(pk=a.pk).update(status=status)

    answer = send(alice_client, "post", "/v2/comparisons", {"video_a": str(a.pk), "video_b": str(b.pk)})

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")
    assert "video a" in answer.json()["error"]["message"].lower()


@pytest.mark.parametrize("name", [str(NOWHERE), "dQw4w9WgXcQ", "../../etc/passwd"])
def test_an_unknown_video_is_404(alice_client, alice_video, name):
    answer = send(alice_client, "post", "/v2/comparisons", {"video_a": str(alice_video.pk), "video_b": name})

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


def test_another_users_video_is_404(bob_client, alice_pair):
    a, b = alice_pair
    answer = send(bob_client, "post", "/v2/comparisons", {"video_a": str(a.pk), "video_b": str(b.pk)})

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


# --- List ---


@pytest.fixture
def many(alice, alice_comparison):
    """Create twelve completed comparisons in total."""
    for _ in range(11):
        created = Comparison.objects.create(
            owner=alice,
            video_a=alice_comparison.video_a,
            video_b=alice_comparison.video_b,
            script=alice_comparison.script,
        )
        Job.objects.create(comparison=created, kind=Job.Kind.COMPARE, status=Job.Status.COMPLETED)


def test_the_list_is_paginated_newest_first(alice_client, many):
    first = listed(alice_client)
    second = listed(alice_client, "?page=2")

    assert {key: first[key] for key in first if key != "comparisons"} == {
        "total": 12,
        "page": 1,
        "per_page": 10,
        "total_pages": 2,
    }
    assert (len(first["comparisons"]), len(second["comparisons"])) == (10, 2)
    assert list(first["comparisons"][0]) == KEYS
    newest = Comparison.objects.order_by("-created_at").values_list("pk", flat=True)
    assert [row["id"] for row in first["comparisons"] + second["comparisons"]] == [str(pk) for pk in newest]
    assert listed(alice_client, "?page=3")["comparisons"] == []
    assert len(listed(alice_client, "?per_page=50")["comparisons"]) == 12


def test_an_empty_list_has_no_pages(alice_client):
    assert listed(alice_client) == {
        "comparisons": [],
        "total": 0,
        "page": 1,
        "per_page": 10,
        "total_pages": 0,
    }


@pytest.mark.parametrize("query", ["page=0", "page=x", "page=-1", "per_page=0", "per_page=51", "page=" + "9" * 40])
def test_an_invalid_page_is_422(alice_client, query):
    answer = alice_client.get(f"/v2/comparisons?{query}")

    assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (422, query.partition("=")[0])


def test_the_query_count_does_not_grow_with_the_list(alice_client, alice_comparison, many, django_assert_num_queries):
    alice_client.get("/v2/comparisons")  # the first request writes the session
    with django_assert_num_queries(LIST_QUERIES):
        assert len(listed(alice_client, "?per_page=50")["comparisons"]) == 12
    with django_assert_num_queries(LIST_QUERIES):
        assert len(listed(alice_client, "?per_page=1")["comparisons"]) == 1
    with django_assert_num_queries(READ_QUERIES):
        alice_client.get(f"/v2/comparisons/{alice_comparison.pk}")


def test_the_list_shows_each_comparison_as_the_detail_does(alice_client, alice_comparison, pending):
    Comparison.objects.filter(pk=alice_comparison.pk).update(threshold=0.3)

    rows = listed(alice_client)["comparisons"]

    assert {row["status"] for row in rows} == {"pending", "completed"}
    for row in rows:
        assert row == alice_client.get(f"/v2/comparisons/{row['id']}").json()


def test_listing_long_comparisons_needs_the_memory_of_one(alice, alice_client, alice_comparison):
    """Check that a page of ten comparisons with 500 segments each needs less than three times the memory of one."""
    stored = {**alice_comparison.script, **build_script(500)}
    sides = {"video_a": alice_comparison.video_a, "video_b": alice_comparison.video_b}
    for _ in range(10):
        created = Comparison.objects.create(owner=alice, script=stored, **sides)
        Job.objects.create(comparison=created, kind=Job.Kind.COMPARE, status=Job.Status.COMPLETED)

    listed(alice_client)  # the first call fills caches
    assert peak(alice_client, "?per_page=10") < 3 * peak(alice_client, "?per_page=1")


@async_to_sync
async def _drained(answer):
    return sum([len(piece) async for piece in answer.streaming_content])


def peak(client, query):
    """Return the peak bytes that Python allocates for a page of the list."""
    tracemalloc.start()
    try:
        assert _drained(client.get(f"/v2/comparisons{query}")) > 30_000
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# --- Detail ---


def test_the_threshold_is_set_and_reset(alice_client, alice_comparison):
    url = f"/v2/comparisons/{alice_comparison.pk}"
    calibrated = alice_client.get(url).json()["threshold_used"]
    segments = alice_comparison.script["segments"]
    segments[0]["distance"] = 0.04
    Comparison.objects.update(script={**alice_comparison.script, "segments": segments})

    lower = send(alice_client, "patch", url, {"threshold": 0.03})

    assert lower.status_code == 200
    assert list(lower.json()) == KEYS
    assert (lower.json()["threshold_used"], lower.json()["segments"][0]["op"]) == (0.03, "changed")
    assert alice_client.get(url).json() == lower.json()
    back = send(alice_client, "patch", url, {"threshold": None}).json()
    assert (back["threshold_used"], back["segments"][0]["op"]) == (calibrated, "equal")


def test_a_region_that_moves_is_shown_as_one_box(alice_client, alice_comparison):
    segments = alice_comparison.script["segments"]
    box = {"x": 0.1, "y": 0.2, "width": 0.4, "height": 0.3}
    segments[0] |= {"op": "changed", "distance": 0.5}
    segments[0]["regions"] = [{**box, "keyframes": [[0.0, 0.1, 0.2, 0.1, 0.3], [1.0, 0.4, 0.2, 0.1, 0.3]]}]
    Comparison.objects.update(script={**alice_comparison.script, "segments": segments})

    read = alice_client.get(f"/v2/comparisons/{alice_comparison.pk}").json()

    assert read["segments"][0]["regions"] == [box]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ({}, "missing"),
        ({"threshold": 0}, "out_of_range"),
        ({"threshold": 1}, "out_of_range"),
        ({"threshold": "low"}, "invalid"),
        ({"threshold": False}, "invalid"),
    ],
)
def test_an_invalid_threshold_is_422(alice_client, alice_comparison, body, rule):
    answer = send(alice_client, "patch", f"/v2/comparisons/{alice_comparison.pk}", body)

    assert answer.status_code == 422
    assert [(detail["field"], detail["type"]) for detail in answer.json()["error"]["details"]] == [("threshold", rule)]
    assert Comparison.objects.get().threshold is None


def test_a_comparison_is_cancelled_and_retried(alice_client, pending):
    url = f"/v2/comparisons/{pending.json()['id']}"

    cancelled = alice_client.post(f"{url}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert alice_client.post(f"{url}/cancel").status_code == 409
    again = alice_client.post(f"{url}/retry")
    assert (again.status_code, again.json()["status"]) == (200, "pending")
    assert alice_client.post(f"{url}/retry").status_code == 409


def test_a_failed_comparison_says_why(alice_client, pending):
    Job.objects.filter(kind=Job.Kind.COMPARE).update(status=Job.Status.FAILED, error="Both are black.")

    read = alice_client.get(f"/v2/comparisons/{pending.json()['id']}").json()

    assert (read["status"], read["error"], read["segments"]) == ("failed", "Both are black.", [])


def test_a_deleted_comparison_is_hidden_everywhere_and_its_videos_stay(alice_client, alice_comparison):
    url = f"/v2/comparisons/{alice_comparison.pk}"

    assert alice_client.delete(url).status_code == 204

    assert alice_client.get(url).status_code == 404
    assert alice_client.delete(url).status_code == 404
    assert listed(alice_client)["total"] == 0
    assert alice_client.get(f"/compare/{alice_comparison.pk}/").status_code == 404
    assert Video.objects.count() == 2
    assert Comparison.all_objects.count() == 1


def test_a_deleted_comparison_is_not_processed(alice_client, pending):
    alice_client.delete(f"/v2/comparisons/{pending.json()['id']}")

    assert Job.objects.get(kind=Job.Kind.COMPARE).status == Job.Status.CANCELLED


# --- Permissions ---


def calls(comparison):
    url = f"/v2/comparisons/{comparison.pk}"
    return [
        ("get", url, None),
        ("patch", url, {"threshold": 0.1}),
        ("delete", url, None),
        ("post", f"{url}/cancel", {}),
        ("post", f"{url}/retry", {}),
    ]


def test_another_user_gets_404_for_each_call(bob_client, alice_comparison):
    for method, path, body in calls(alice_comparison):
        answer = send(bob_client, method, path, body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND"), (method, path)
    assert listed(bob_client)["total"] == 0
    assert Comparison.objects.get().threshold is None


def test_an_anonymous_visitor_gets_401_for_each_call(client, alice_comparison):
    for method, path, body in [
        *calls(alice_comparison),
        ("get", "/v2/comparisons", None),
        ("post", "/v2/comparisons", {}),
    ]:
        answer = send(Client(), method, path, body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHORIZED"), (method, path)


def test_a_session_that_writes_needs_a_csrf_token(alice, alice_comparison):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    url = f"/v2/comparisons/{alice_comparison.pk}"

    assert send(strict, "get", url).status_code == 200
    refused = send(strict, "patch", url, {"threshold": 0.2})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "FORBIDDEN")
    strict.cookies["csrftoken"] = token = "a" * 32
    allowed = strict.patch(url, {"threshold": 0.2}, "application/json", headers={"X-CSRFToken": token})
    assert allowed.status_code == 200


def test_an_unknown_method_is_405(alice_client, alice_comparison):
    answer = send(alice_client, "put", f"/v2/comparisons/{alice_comparison.pk}", {})

    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "METHOD_NOT_ALLOWED")
