import uuid

import pytest

from chat.training import reviewing
from chat.training.models import TrainingPair, TrainingSet

pytestmark = pytest.mark.django_db
SET_KEYS = {"id", "title", "pair_count", "accepted_count", "deduplication", "created_at"}
PAIR_KEYS = {
    "id",
    "number",
    "video_id",
    "input",
    "output",
    "type",
    "language",
    "start",
    "end",
    "model",
    "status",
    "duplicate_of",
    "is_edited",
    "version",
    "updated_at",
}


@pytest.fixture
def patch(alice_client, training_set):
    """Return a function that changes the first pair."""
    pair = training_set.pairs.get(number=1)

    def patch(body, **headers):
        url = f"/v2/training-sets/{training_set.pk}/pairs/{pair.pk}"
        return alice_client.patch(url, body, content_type="application/json", headers=headers)

    return patch


def test_a_set_is_created_read_listed_and_deleted(alice_client, make_examples, harbour):
    make_examples(("What does it cost?", "Thirty euros per month."))
    body = {"title": "Calls", "video_ids": [str(harbour.pk)]}
    created = alice_client.post("/v2/training-sets", body, content_type="application/json")
    url = f"/v2/training-sets/{created.json()['id']}"

    assert created.status_code == 201
    assert set(created.json()) == SET_KEYS
    assert (created.json()["pair_count"], created.json()["deduplication"]) == (1, "pending")
    assert alice_client.get("/v2/training-sets").json()["training_sets"] == [created.json()]
    assert alice_client.get(url).json() == created.json()
    assert alice_client.delete(url).status_code == 200
    assert alice_client.get(url).status_code == 404


def test_pairs_have_exactly_the_documented_keys_and_are_listed_by_status(alice_client, training_set, run_job):
    run_job(training_set)
    url = f"/v2/training-sets/{training_set.pk}/pairs"
    first, second, third = alice_client.get(url).json()["pairs"]

    assert set(first) == PAIR_KEYS
    assert [one["number"] for one in (first, second, third)] == [1, 2, 3]
    assert second["duplicate_of"] == first["id"]
    assert alice_client.get(f"{url}?status=duplicate").json()["pairs"] == [second]
    assert alice_client.get(f"{url}?status=old").status_code == 422


def test_a_pair_is_accepted_and_edited(patch):
    assert patch({"status": "accepted"}).json()["status"] == "accepted"
    edited = patch({"output": "It costs forty euros."}).json()
    assert (edited["output"], edited["is_edited"], edited["version"]) == ("It costs forty euros.", True, 3)


def test_a_stale_version_is_refused(patch):
    assert patch({"status": "accepted"}, **{"If-Match": '"1"'}).status_code == 200
    refused = patch({"status": "rejected"}, **{"If-Match": '"1"'})

    assert refused.status_code == 409
    assert refused.json()["error"]["message"] == reviewing.STALE
    assert TrainingPair.objects.get(number=1).status == "accepted"
    assert patch({"status": "rejected"}, **{"If-Match": '"2"'}).status_code == 200


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ({}, {}, 400),
        ({"status": "accepted"}, {"If-Match": "soon"}, 400),
        ({"status": "duplicate"}, {}, 422),
        ({"input": " "}, {}, 422),
        ({"input": "x" * 4_001}, {}, 422),
        ({"model": "mine"}, {}, 422),
    ],
)
def test_invalid_changes_are_refused(patch, body, headers, status):
    assert patch(body, **headers).status_code == status
    assert TrainingPair.objects.get(number=1).version == 1


def test_strangers_get_404(bob_client, training_set):
    url = f"/v2/training-sets/{training_set.pk}"
    pair = f"{url}/pairs/{training_set.pairs.first().pk}"
    for path in (url, f"{url}/pairs", f"{url}/export"):
        assert bob_client.get(path).status_code == 404
    assert bob_client.delete(url).status_code == 404
    assert bob_client.patch(pair, {"status": "accepted"}, content_type="application/json").status_code == 404
    assert bob_client.get("/v2/training-sets").json()["total"] == 0
    assert TrainingSet.objects.exists()


def test_a_pair_of_another_set_is_not_found(alice_client, viewer, training_set):
    from chat.training import collecting

    other = collecting.create_set(viewer, "Other")
    url = f"/v2/training-sets/{other.pk}/pairs/{training_set.pairs.first().pk}"
    assert alice_client.patch(url, {"status": "accepted"}, content_type="application/json").status_code == 404
    assert alice_client.get(f"/v2/training-sets/{uuid.uuid4()}").status_code == 404


def test_guests_are_not_allowed(client, training_set):
    headers = {"X-Guest-Session-ID": "guest-12345678"}
    assert client.get("/v2/training-sets", headers=headers).status_code == 401
