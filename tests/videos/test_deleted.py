"""What was deleted is hidden by its manager at every door, and comes back whole."""

import json

import pytest
from django.test import Client

from accounts.viewer import Viewer
from videos import cleaning, library, sharing
from videos.models import Collection, Video
from videos.same_bytes import held_by

pytestmark = pytest.mark.django_db


def seen(alices, alice, video, comparison, share, collection) -> dict[str, object]:
    """What each door shows of the video and of what was made with it."""
    here, there = f"/v2/videos/{video.pk}", f"/v2/comparisons/{comparison.pk}"
    listed = {one["video_id"] for one in alices.get("/v2/videos").json()["videos"]}
    found = {one["video_id"] for one in alices.get(f"/v2/videos?q={video.title}").json()["videos"]}
    compared = json.loads(b"".join(alices.get("/v2/comparisons")))["comparisons"]
    counts = {one["id"]: one["video_count"] for one in alices.get("/v2/collections").json()["collections"]}
    return {
        "listed": str(video.pk) in listed,
        "found": str(video.pk) in found,
        "on the page": str(video.pk) in alices.get("/library/").content.decode(),
        "read": alices.get(here).status_code == 200,
        "played": alices.head(f"{here}/file").status_code == 200,
        "compared": str(comparison.pk) in {one["id"] for one in compared},
        "comparison read": alices.get(there).status_code == 200,
        "exported": alices.get(f"{there}/export?format=json").status_code == 200,
        "shared": Client().get(sharing.path(share)).status_code == 200,
        "counted": counts[str(collection.pk)] == 1,
        "held": held_by(alice, sha256=video.sha256) == video,
    }


def test_a_deleted_video_is_nowhere_until_it_is_restored(alices, alice, alices_comparison):
    share = sharing.share(alices_comparison)
    collection = Collection.objects.create(owner=alice, name="Autumn")
    video = alices_comparison.video_a
    Video.objects.filter(pk=video.pk).update(collection=collection)
    places = (alices, alice, video, alices_comparison, share, collection)
    assert all(seen(*places).values()), seen(*places)

    cleaning.delete(video)
    assert not any(seen(*places).values()), seen(*places)

    library.restore(Viewer(alice), video.pk)
    assert all(seen(*places).values()), seen(*places)
