import json
import tracemalloc
import uuid

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from tests.many import script
from videos import worker
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
]
LIST_QUERIES, READ_QUERIES = 3, 2
NOWHERE = uuid.UUID(int=7)


def send(client, method, path, body=None):
    return getattr(client, method)(path, body, content_type="application/json")


@async_to_sync
async def _body(answer):
    return b"".join([piece async for piece in answer.streaming_content])


def listed(client, query=""):
    """A page of the list, which is sent row by row."""
    answer = client.get(f"/v2/comparisons{query}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    return json.loads(_body(answer))


@pytest.fixture
def pending(alices, alices_pair):
    a, b = alices_pair
    return send(alices, "post", "/v2/comparisons", {"video_a": str(a.pk), "video_b": str(b.pk)})


def test_two_videos_are_compared_and_read(alices, pending):
    assert pending.status_code == 202
    made = pending.json()
    assert list(made) == KEYS
    assert (made["status"], made["progress"], made["error"], made["mode"]) == ("pending", 0, None, "aligned")
    assert (made["segments"], made["similarity_percent"], made["threshold_used"]) == ([], None, None)

    worker.run(Job.objects.get(kind=Job.Kind.COMPARE).pk)
    read = alices.get(f"/v2/comparisons/{made['id']}").json()

    assert list(read) == KEYS
    assert (read["status"], read["progress"], read["metric"], read["embedding_model"]) == ("completed", 1, None, None)
    assert read["video_a"] == {"video_id": made["video_a"]["video_id"], "title": "clip", "duration": 2.0}
    assert [segment["op"] for segment in read["segments"]] == ["equal", "inserted", "equal"]
    assert set(read["segments"][0]) == {"op", "a", "b", "distance", "severity", "regions"}
    assert (read["total_segments"], read["differing_segments"]) == (3, 1)
    assert read["threshold_used"] > 0


def test_intervals_are_compared_by_the_metric_that_was_asked_for(alices, alices_pair):
    a, b = alices_pair
    body = {"video_a": str(a.pk), "video_b": str(b.pk), "mode": "interval", "metric": "euclidean", "threshold": 0.2}
    made = send(alices, "post", "/v2/comparisons", body).json()
    worker.run(Job.objects.get(kind=Job.Kind.COMPARE).pk)

    read = alices.get(f"/v2/comparisons/{made['id']}").json()

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
def test_a_wrong_value_is_422_and_named(alices, alices_pair, wrong, field, rule):
    a, b = alices_pair
    answer = send(alices, "post", "/v2/comparisons", {"video_a": str(a.pk), "video_b": str(b.pk), **wrong})

    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == "VALIDATION_ERROR"
    assert [(detail["field"], detail["type"]) for detail in error["details"]] == [(field, rule)]
    assert error["details"][0]["message"]
    assert not Comparison.objects.exists()


def test_a_body_that_names_nothing_is_422_for_both_sides(alices):
    details = send(alices, "post", "/v2/comparisons", {}).json()["error"]["details"]

    assert [(detail["field"], detail["type"]) for detail in details] == [("video_a", "missing"), ("video_b", "missing")]


@pytest.mark.parametrize("body", ["[1]", '"x"', "7", "null"])
def test_a_body_that_is_no_object_is_422(alices, body):
    answer = alices.post("/v2/comparisons", body, "application/json")

    assert answer.status_code == 422
    assert "is a JSON object" in answer.json()["error"]["message"]


@pytest.mark.parametrize("body", ["{", '{"threshold": NaN}', "[" * 5000])
def test_a_body_that_is_no_json_is_400(alices, body):
    answer = alices.post("/v2/comparisons", body, "application/json")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_REQUEST")


def test_a_body_of_another_kind_is_415(alices):
    answer = alices.post("/v2/comparisons", "video_a=1", "text/plain")

    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_video_with_itself_is_422(alices, alices_video):
    answer = send(alices, "post", "/v2/comparisons", {"video_a": str(alices_video.pk), "video_b": str(alices_video.pk)})

    assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (422, "video_b")


@pytest.mark.parametrize("status", [Video.Status.PROCESSING, Video.Status.FAILED, Video.Status.CANCELLED])
def test_a_side_that_is_not_ready_is_409(alices, alices_pair, status):
    a, b = alices_pair
    Video.objects.filter(pk=a.pk).update(status=status)

    answer = send(alices, "post", "/v2/comparisons", {"video_a": str(a.pk), "video_b": str(b.pk)})

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")
    assert "video a" in answer.json()["error"]["message"].lower()


@pytest.mark.parametrize("name", [str(NOWHERE), "dQw4w9WgXcQ", "../../etc/passwd"])
def test_a_video_that_is_not_there_is_404(alices, alices_video, name):
    answer = send(alices, "post", "/v2/comparisons", {"video_a": str(alices_video.pk), "video_b": name})

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


def test_anothers_video_is_404(bobs, alices_pair):
    a, b = alices_pair
    answer = send(bobs, "post", "/v2/comparisons", {"video_a": str(a.pk), "video_b": str(b.pk)})

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


# --- The list ---


@pytest.fixture
def many(alice, alices_comparison):
    """Twelve finished ones."""
    for _ in range(11):
        made = Comparison.objects.create(
            owner=alice,
            video_a=alices_comparison.video_a,
            video_b=alices_comparison.video_b,
            script=alices_comparison.script,
        )
        Job.objects.create(comparison=made, kind=Job.Kind.COMPARE, status=Job.Status.COMPLETED)


def test_the_list_comes_in_pages_newest_first(alices, many):
    first = listed(alices)
    second = listed(alices, "?page=2")

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
    assert listed(alices, "?page=3")["comparisons"] == []
    assert len(listed(alices, "?per_page=50")["comparisons"]) == 12


def test_an_empty_list_has_no_pages(alices):
    assert listed(alices) == {
        "comparisons": [],
        "total": 0,
        "page": 1,
        "per_page": 10,
        "total_pages": 0,
    }


@pytest.mark.parametrize("query", ["page=0", "page=x", "page=-1", "per_page=0", "per_page=51", "page=" + "9" * 40])
def test_a_page_that_makes_no_sense_is_422(alices, query):
    answer = alices.get(f"/v2/comparisons?{query}")

    assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (422, query.partition("=")[0])


def test_the_list_asks_the_database_as_often_for_twelve_as_for_one(
    alices, alices_comparison, many, django_assert_num_queries
):
    alices.get("/v2/comparisons")  # the first visit writes the session
    with django_assert_num_queries(LIST_QUERIES):
        assert len(listed(alices, "?per_page=50")["comparisons"]) == 12
    with django_assert_num_queries(LIST_QUERIES):
        assert len(listed(alices, "?per_page=1")["comparisons"]) == 1
    with django_assert_num_queries(READ_QUERIES):
        alices.get(f"/v2/comparisons/{alices_comparison.pk}")


def test_each_of_the_list_is_as_it_is_read_alone(alices, alices_comparison, pending):
    Comparison.objects.filter(pk=alices_comparison.pk).update(threshold=0.3)

    rows = listed(alices)["comparisons"]

    assert {row["status"] for row in rows} == {"pending", "completed"}
    for row in rows:
        assert row == alices.get(f"/v2/comparisons/{row['id']}").json()


def test_long_ones_are_listed_in_the_memory_of_one(alice, alices, alices_comparison):
    """A page of ten with 500 segments each takes not ten times what one of them takes."""
    stored = {**alices_comparison.script, **script(500)}
    sides = {"video_a": alices_comparison.video_a, "video_b": alices_comparison.video_b}
    for _ in range(10):
        made = Comparison.objects.create(owner=alice, script=stored, **sides)
        Job.objects.create(comparison=made, kind=Job.Kind.COMPARE, status=Job.Status.COMPLETED)

    listed(alices)  # what is made at the first call only
    assert peak(alices, "?per_page=10") < 3 * peak(alices, "?per_page=1")


@async_to_sync
async def _drained(answer):
    return sum([len(piece) async for piece in answer.streaming_content])


def peak(client, query):
    """Bytes of Python that a page of the list needs at most."""
    tracemalloc.start()
    try:
        assert _drained(client.get(f"/v2/comparisons{query}")) > 30_000
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# --- One ---


def test_the_threshold_is_moved_at_once_and_goes_back(alices, alices_comparison):
    here = f"/v2/comparisons/{alices_comparison.pk}"
    calibrated = alices.get(here).json()["threshold_used"]
    segments = alices_comparison.script["segments"]
    segments[0]["distance"] = 0.04
    Comparison.objects.update(script={**alices_comparison.script, "segments": segments})

    lower = send(alices, "patch", here, {"threshold": 0.03})

    assert lower.status_code == 200
    assert list(lower.json()) == KEYS
    assert (lower.json()["threshold_used"], lower.json()["segments"][0]["op"]) == (0.03, "changed")
    assert alices.get(here).json() == lower.json()
    back = send(alices, "patch", here, {"threshold": None}).json()
    assert (back["threshold_used"], back["segments"][0]["op"]) == (calibrated, "equal")


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
def test_a_threshold_that_makes_no_sense_is_422(alices, alices_comparison, body, rule):
    answer = send(alices, "patch", f"/v2/comparisons/{alices_comparison.pk}", body)

    assert answer.status_code == 422
    assert [(detail["field"], detail["type"]) for detail in answer.json()["error"]["details"]] == [("threshold", rule)]
    assert Comparison.objects.get().threshold is None


def test_it_is_cancelled_and_run_again(alices, pending):
    here = f"/v2/comparisons/{pending.json()['id']}"

    cancelled = alices.post(f"{here}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert alices.post(f"{here}/cancel").status_code == 409
    again = alices.post(f"{here}/retry")
    assert (again.status_code, again.json()["status"]) == (200, "pending")
    assert alices.post(f"{here}/retry").status_code == 409


def test_a_failed_one_says_why(alices, pending):
    Job.objects.filter(kind=Job.Kind.COMPARE).update(status=Job.Status.FAILED, error="Both are black.")

    read = alices.get(f"/v2/comparisons/{pending.json()['id']}").json()

    assert (read["status"], read["error"], read["segments"]) == ("failed", "Both are black.", [])


def test_a_deleted_one_is_gone_from_everywhere_and_its_videos_stay(alices, alices_comparison):
    here = f"/v2/comparisons/{alices_comparison.pk}"

    assert alices.delete(here).status_code == 204

    assert alices.get(here).status_code == 404
    assert alices.delete(here).status_code == 404
    assert listed(alices)["total"] == 0
    assert alices.get(f"/compare/{alices_comparison.pk}/").status_code == 404
    assert Video.objects.count() == 2
    assert Comparison.everything.count() == 1


def test_a_deleted_one_is_worked_on_no_more(alices, pending):
    alices.delete(f"/v2/comparisons/{pending.json()['id']}")

    assert Job.objects.get(kind=Job.Kind.COMPARE).status == Job.Status.CANCELLED


# --- Who asks ---


def calls(comparison):
    here = f"/v2/comparisons/{comparison.pk}"
    return [
        ("get", here, None),
        ("patch", here, {"threshold": 0.1}),
        ("delete", here, None),
        ("post", f"{here}/cancel", {}),
        ("post", f"{here}/retry", {}),
    ]


def test_a_stranger_gets_404_for_each_call(bobs, alices_comparison):
    for method, path, body in calls(alices_comparison):
        answer = send(bobs, method, path, body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND"), (method, path)
    assert listed(bobs)["total"] == 0
    assert Comparison.objects.get().threshold is None


def test_nobody_gets_401_for_each_call(client, alices_comparison):
    for method, path, body in [
        *calls(alices_comparison),
        ("get", "/v2/comparisons", None),
        ("post", "/v2/comparisons", {}),
    ]:
        answer = send(Client(), method, path, body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHORIZED"), (method, path)


def test_a_session_that_writes_needs_a_csrf_token(alice, alices_comparison):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    here = f"/v2/comparisons/{alices_comparison.pk}"

    assert send(strict, "get", here).status_code == 200
    refused = send(strict, "patch", here, {"threshold": 0.2})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "FORBIDDEN")
    strict.cookies["csrftoken"] = token = "a" * 32
    allowed = strict.patch(here, {"threshold": 0.2}, "application/json", headers={"X-CSRFToken": token})
    assert allowed.status_code == 200


def test_an_unknown_method_is_405(alices, alices_comparison):
    answer = send(alices, "put", f"/v2/comparisons/{alices_comparison.pk}", {})

    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "METHOD_NOT_ALLOWED")
