"""The library pages without JavaScript: lists, collections, versions and deleted videos."""

import pytest

from accounts.viewer import Viewer
from videos.library import collections, versions
from videos.models import Collection, Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def create_version(alice):
    """Return a function that creates a video of Alice, optionally as a version of another."""

    def make(title, of=None, **facts):
        video = Video(owner=alice, title=title, filename="a.mp4", size=1, storage_key=f"videos/{title}", **facts)
        if of:
            versions.add_version(video, of)
        video.save()
        return video

    return make


def titles(page) -> list[str]:
    return [video.title for video in page.context["page"]]


def test_the_url_sorts_searches_and_filters_the_library(alice_client, create_version):
    create_version("Blue hour", status="ready")
    create_version("Alpine", status="failed")
    create_version("Blue note", status="processing")

    assert titles(alice_client.get("/library/?sort=title_asc")) == ["Alpine", "Blue hour", "Blue note"]
    assert titles(alice_client.get("/library/?q=blue&state=ready")) == ["Blue hour"]
    assert titles(alice_client.get("/library/?state=failed")) == ["Alpine"]
    assert len(titles(alice_client.get("/library/?sort=nonsense&state=x&collection=y&version_of=z"))) == 3


def test_pagination_keeps_the_search(alice_client, create_version):
    for number in range(30):
        create_version(f"Take {number}")

    assert "?q=take&amp;page=2" in alice_client.get("/library/?q=take").content.decode()


def test_the_newest_version_represents_its_stack_except_in_searches(alice_client, create_version):
    first = create_version("First")
    second = create_version("Second", first)

    page = alice_client.get("/library/")
    assert titles(page) == ["Second"]
    assert "v2 of 2" in page.content.decode()
    assert f"/videos/{first.pk}/" in page.content.decode()
    assert titles(alice_client.get("/library/?q=first")) == ["First"]
    Video.objects.filter(pk=second.pk).update(deleted_at=second.created_at)
    assert titles(alice_client.get("/library/")) == ["First"]


def test_a_collection_is_created_filled_renamed_and_deleted_with_forms(alice_client, alice, create_version):
    video, other = create_version("In"), create_version("Out")
    opened = alice_client.post("/library/collections/", {"name": "Autumn"}, follow=True)
    collection = Collection.objects.get(owner=alice)
    assert opened.context["collection"] == collection

    alice_client.post(f"/videos/{video.pk}/edit/", {"title": "Inside", "collection": collection.pk})
    page = alice_client.get(f"/library/?collection={collection.pk}")
    assert titles(page) == ["Inside"]
    newer = create_version("New", video)
    assert newer.collection == collection  # a version joins the collection of its stack
    assert [one.card_count for one in alice_client.get("/library/").context["collections"]] == [1]
    alice_client.post(f"/videos/{newer.pk}/edit/", {"title": "New", "collection": ""})
    assert titles(alice_client.get(f"/library/?collection={collection.pk}")) == []  # the other versions are moved too
    alice_client.post(f"/videos/{video.pk}/edit/", {"title": "Inside", "collection": collection.pk})

    alice_client.post(f"/library/collections/{collection.pk}/", {"name": "Winter"})
    assert "Winter" in alice_client.get("/library/").content.decode()
    alice_client.post(f"/library/collections/{collection.pk}/delete/")
    assert not Collection.objects.exists()
    assert set(titles(alice_client.get("/library/"))) == {"Out", "New"}
    other.refresh_from_db()


@pytest.mark.parametrize("name", ["", " ", "x" * 101])
def test_a_collection_with_an_invalid_name_is_not_created(alice_client, name):
    assert b"Autumn" not in alice_client.post("/library/collections/", {"name": name}, follow=True).content
    assert not Collection.objects.exists()


def test_a_video_without_a_title_is_not_saved(alice_client, create_version):
    video = create_version("Kept")

    answer = alice_client.post(f"/videos/{video.pk}/edit/", {"title": " "})

    assert answer.status_code == 422
    assert "Enter a title" in answer.content.decode()


def test_deleted_videos_are_listed_and_can_be_restored(alice_client, create_version):
    video = create_version("Gone")
    alice_client.post(f"/videos/{video.pk}/delete/")
    assert titles(alice_client.get("/library/")) == []

    assert titles(alice_client.get("/library/?deleted=1")) == ["Gone"]
    assert "is restored" in alice_client.post(f"/videos/{video.pk}/restore/", follow=True).content.decode()
    assert "already restored" in alice_client.post(f"/videos/{video.pk}/restore/", follow=True).content.decode()
    assert titles(alice_client.get("/library/")) == ["Gone"]
    assert titles(alice_client.get("/library/?deleted=1")) == []


def test_a_form_upload_can_be_a_new_version_in_a_collection(alice_client, alice, clip, create_version):
    first = create_version("First")
    collection = collections.create_collection(Viewer(alice), "Autumn")

    page = alice_client.get(f"/library/?version_of={first.pk}")
    assert "new version of “First”" in page.content.decode()
    with clip.open("rb") as file:
        sent = {"files": [file], "version_of": str(first.pk), "collection": str(collection.pk)}
        alice_client.post("/library/upload/", sent)

    created = Video.objects.get(title="clip")
    assert (created.version, created.collection) == (2, collection)


def test_videos_and_collections_of_another_user_are_404(bob_client, alice, create_version):
    video = create_version("Alice's")
    collection = collections.create_collection(Viewer(alice), "Autumn")

    assert bob_client.get(f"/library/?collection={collection.pk}").status_code == 404
    for address in (
        f"/library/collections/{collection.pk}/",
        f"/library/collections/{collection.pk}/delete/",
        f"/videos/{video.pk}/edit/",
        f"/videos/{video.pk}/restore/",
    ):
        assert bob_client.post(address, {"name": "Bob's", "title": "Bob's"}).status_code == 404
    assert Collection.objects.get().name == "Autumn"
    assert "Alice" not in bob_client.get(f"/library/?deleted=1&version_of={video.pk}").content.decode()
