import uuid

import pytest

from videos.library import collections
from videos.models import Collection, Video

pytestmark = pytest.mark.django_db


def make(client, name="Autumn"):
    return client.post("/v2/collections", {"name": name}, "application/json")


def test_a_collection_is_created_renamed_and_deleted(alice_client):
    created = make(alice_client)
    url = f"/v2/collections/{created.json()['id']}"

    assert created.status_code == 201
    assert set(created.json()) == {"id", "name", "video_count", "created_at"}
    assert alice_client.patch(url, {"name": "Winter"}, "application/json").json()["name"] == "Winter"
    assert alice_client.delete(url).status_code == 204
    assert not Collection.objects.exists()


def test_the_list_counts_videos_that_are_not_deleted(alice_client, alice, bob_client):
    mine = Collection.objects.create(owner=alice, name="Autumn")
    for title, gone in (("kept", None), ("deleted", mine.created_at)):
        Video.objects.create(
            owner=alice, title=title, filename="a", size=1, storage_key=title, collection=mine, deleted_at=gone
        )

    listed = alice_client.get("/v2/collections").json()

    assert [(one["name"], one["video_count"]) for one in listed["collections"]] == [("Autumn", 1)]
    assert listed["total"] == 1
    assert bob_client.get("/v2/collections").json()["collections"] == []


def test_deleting_a_collection_keeps_its_videos(alice_client, alice):
    mine = Collection.objects.create(owner=alice, name="Autumn")
    video = Video.objects.create(owner=alice, title="kept", filename="a", size=1, storage_key="k", collection=mine)

    alice_client.delete(f"/v2/collections/{mine.pk}")

    video.refresh_from_db()
    assert video.collection is None


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, 7, None])
def test_a_name_has_1_to_100_characters(alice_client, name):
    answer = make(alice_client, name)

    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == "name"


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_another_users_collection_is_404(bob_client, alice, method):
    collection = Collection.objects.create(owner=alice, name="Hers")

    for identity in (collection.pk, uuid.uuid4()):
        answer = getattr(bob_client, method)(f"/v2/collections/{identity}", {"name": "x"}, "application/json")
        assert answer.status_code == 404
    assert Collection.objects.get().name == "Hers"


def test_the_number_of_collections_is_limited(alice_client, monkeypatch):
    monkeypatch.setattr(collections, "MAX_COLLECTIONS", 1)
    make(alice_client)

    answer = make(alice_client)

    assert answer.status_code == 409
    assert "Delete some" in answer.json()["error"]["message"]
