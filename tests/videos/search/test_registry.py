"""An app adds a kind of its own with one registration."""

import dataclasses

import pytest

from tests.videos.passage_rows import create_video
from videos.models import Video
from videos.search import registry
from videos.search.registry import SearchKind, SearchRecord

pytestmark = pytest.mark.django_db


def list_files(viewer, filters):
    return Video.objects.owned_by(viewer)


def describe_file(video):
    return SearchRecord(video_id=None, title="", text=video.filename, url="/library/")


FILES = SearchKind(
    name="file", label="File", order=5, list_rows=list_files, describe=describe_file, text_field="filename"
)


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch):
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))


def test_a_registered_kind_is_searched_and_listed(alice_client, alice):
    create_video(alice, "Film", filename="reel seven.mov")
    registry.register(FILES)

    page = alice_client.get("/search/?q=reel").content.decode()

    assert '<option value="file"' in page
    assert "<mark>reel</mark> seven.mov" in page and 'href="/library/"' in page
    [result] = alice_client.get("/v2/search?q=reel").json()["results"]
    assert (result["kind"], result["video_id"]) == ("file", None)


def test_two_kinds_cannot_have_one_name():
    registry.register(FILES)
    registry.register(FILES)  # the same one again changes nothing

    with pytest.raises(ValueError, match="two search kinds named file"):
        registry.register(dataclasses.replace(FILES, label="Other"))
