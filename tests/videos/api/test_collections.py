import uuid

import pytest

from videos import library
from videos.models import Collection, Video

pytestmark = pytest.mark.django_db


def make(client, name="Autumn"):
    return client.post("/v2/collections", {"name": name}, "application/json")


def test_a_collection_is_made_renamed_and_deleted(alices):
    made = make(alices)
    here = f"/v2/collections/{made.json()['id']}"

    assert made.status_code == 201
    assert set(made.json()) == {"id", "name", "video_count", "created_at"}
    assert alices.patch(here, {"name": "Winter"}, "application/json").json()["name"] == "Winter"
    assert alices.delete(here).status_code == 204
    assert not Collection.objects.exists()


def test_a_list_counts_the_videos_that_are_there(alices, alice, bobs):
    mine = Collection.objects.create(owner=alice, name="Autumn")
    for title, gone in (("kept", None), ("deleted", mine.created_at)):
        Video.objects.create(
            owner=alice, title=title, filename="a", size=1, storage_key=title, collection=mine, deleted_at=gone
        )

    listed = alices.get("/v2/collections").json()

    assert [(one["name"], one["video_count"]) for one in listed["collections"]] == [("Autumn", 1)]
    assert listed["total"] == 1
    assert bobs.get("/v2/collections").json()["collections"] == []


def test_the_videos_of_a_deleted_collection_stay(alices, alice):
    mine = Collection.objects.create(owner=alice, name="Autumn")
    video = Video.objects.create(owner=alice, title="kept", filename="a", size=1, storage_key="k", collection=mine)

    alices.delete(f"/v2/collections/{mine.pk}")

    video.refresh_from_db()
    assert video.collection is None


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, 7, None])
def test_a_name_is_one_to_a_hundred_letters(alices, name):
    answer = make(alices, name)

    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == "name"


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_anothers_collection_is_not_there(bobs, alice, method):
    hers = Collection.objects.create(owner=alice, name="Hers")

    for identity in (hers.pk, uuid.uuid4()):
        answer = getattr(bobs, method)(f"/v2/collections/{identity}", {"name": "x"}, "application/json")
        assert answer.status_code == 404
    assert Collection.objects.get().name == "Hers"


def test_there_is_an_end_to_collections(alices, monkeypatch):
    monkeypatch.setattr(library, "MOST_COLLECTIONS", 1)
    make(alices)

    answer = make(alices)

    assert answer.status_code == 409
    assert "Delete some" in answer.json()["error"]["message"]
