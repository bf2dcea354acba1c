"""The library as pages without scripts: what is shown, collections, and what is deleted."""

import pytest

from accounts.viewer import Viewer
from videos import library, versions
from videos.models import Collection, Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def cut(alice):
    """Make a video of Alice's, as a version of another where that is named."""

    def make(title, of=None, **facts):
        video = Video(owner=alice, title=title, filename="a.mp4", size=1, storage_key=f"videos/{title}", **facts)
        if of:
            versions.put_on_top(video, of)
        video.save()
        return video

    return make


def titles(page) -> list[str]:
    return [video.title for video in page.context["page"]]


def test_it_is_searched_sorted_and_filtered_by_its_address(alices, cut):
    cut("Blue hour", status="ready")
    cut("Alpine", status="failed")
    cut("Blue note", status="processing")

    assert titles(alices.get("/library/?sort=title_asc")) == ["Alpine", "Blue hour", "Blue note"]
    assert titles(alices.get("/library/?q=blue&state=ready")) == ["Blue hour"]
    assert titles(alices.get("/library/?state=failed")) == ["Alpine"]
    assert len(titles(alices.get("/library/?sort=nonsense&state=x&collection=y&version_of=z"))) == 3


def test_pages_keep_what_was_asked_for(alices, cut):
    for number in range(30):
        cut(f"Take {number}")

    assert "?q=take&amp;page=2" in alices.get("/library/?q=take").content.decode()


def test_of_versions_the_newest_stands_for_all_until_something_is_looked_for(alices, cut):
    first = cut("First")
    second = cut("Second", first)

    page = alices.get("/library/")
    assert titles(page) == ["Second"]
    assert "v2 of 2" in page.content.decode()
    assert f"/videos/{first.pk}/" in page.content.decode()
    assert titles(alices.get("/library/?q=first")) == ["First"]
    Video.objects.filter(pk=second.pk).update(deleted_at=second.created_at)
    assert titles(alices.get("/library/")) == ["First"]


def test_a_collection_is_made_filled_renamed_and_deleted_by_forms(alices, alice, cut):
    video, other = cut("In"), cut("Out")
    opened = alices.post("/library/collections/", {"name": "Autumn"}, follow=True)
    collection = Collection.objects.get(owner=alice)
    assert opened.context["collection"] == collection

    alices.post(f"/videos/{video.pk}/edit/", {"title": "Inside", "collection": collection.pk})
    page = alices.get(f"/library/?collection={collection.pk}")
    assert titles(page) == ["Inside"]
    newer = cut("New", video)
    assert newer.collection == collection  # a version goes where the others are
    assert [one.film_count for one in alices.get("/library/").context["collections"]] == [1]
    alices.post(f"/videos/{newer.pk}/edit/", {"title": "New", "collection": ""})
    assert titles(alices.get(f"/library/?collection={collection.pk}")) == []  # and the others go with it
    alices.post(f"/videos/{video.pk}/edit/", {"title": "Inside", "collection": collection.pk})

    alices.post(f"/library/collections/{collection.pk}/", {"name": "Winter"})
    assert "Winter" in alices.get("/library/").content.decode()
    alices.post(f"/library/collections/{collection.pk}/delete/")
    assert not Collection.objects.exists()
    assert set(titles(alices.get("/library/"))) == {"Out", "New"}
    other.refresh_from_db()


@pytest.mark.parametrize("name", ["", " ", "x" * 101])
def test_a_collection_without_a_fit_name_is_not_made(alices, name):
    assert b"Autumn" not in alices.post("/library/collections/", {"name": name}, follow=True).content
    assert not Collection.objects.exists()


def test_a_video_without_a_name_is_not_saved(alices, cut):
    video = cut("Kept")

    answer = alices.post(f"/videos/{video.pk}/edit/", {"title": " "})

    assert answer.status_code == 422
    assert "Give it a name" in answer.content.decode()


def test_what_was_deleted_is_listed_and_brought_back(alices, cut):
    video = cut("Gone")
    alices.post(f"/videos/{video.pk}/delete/")
    assert titles(alices.get("/library/")) == []

    assert titles(alices.get("/library/?deleted=1")) == ["Gone"]
    assert "is back" in alices.post(f"/videos/{video.pk}/restore/", follow=True).content.decode()
    assert "back already" in alices.post(f"/videos/{video.pk}/restore/", follow=True).content.decode()
    assert titles(alices.get("/library/")) == ["Gone"]
    assert titles(alices.get("/library/?deleted=1")) == []


def test_a_whole_file_can_be_a_new_version_in_a_collection(alices, alice, clip, cut):
    first = cut("First")
    collection = library.make_collection(Viewer(alice), "Autumn")

    page = alices.get(f"/library/?version_of={first.pk}")
    assert "new version of “First”" in page.content.decode()
    with clip.open("rb") as file:
        sent = {"files": [file], "version_of": str(first.pk), "collection": str(collection.pk)}
        alices.post("/library/upload/", sent)

    made = Video.objects.get(title="clip")
    assert (made.version, made.collection) == (2, collection)


def test_what_is_somebody_elses_is_not_there(bobs, alice, cut):
    video = cut("Alice's")
    collection = library.make_collection(Viewer(alice), "Autumn")

    assert bobs.get(f"/library/?collection={collection.pk}").status_code == 404
    for address in (
        f"/library/collections/{collection.pk}/",
        f"/library/collections/{collection.pk}/delete/",
        f"/videos/{video.pk}/edit/",
        f"/videos/{video.pk}/restore/",
    ):
        assert bobs.post(address, {"name": "Bob's", "title": "Bob's"}).status_code == 404
    assert Collection.objects.get().name == "Autumn"
    assert "Alice" not in bobs.get(f"/library/?deleted=1&version_of={video.pk}").content.decode()
