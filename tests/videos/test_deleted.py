"""What was deleted is hidden by its manager at every door, and comes back whole."""

import json

import pytest
from django.test import Client

from accounts.viewer import Viewer
from sage.errors import NotFound
from videos import cleaning, comparison, jobs, library, pipeline, sharing
from videos.models import Collection, Job, Video
from videos.same_bytes import held_by

pytestmark = pytest.mark.django_db


def seen(alices, alice, video, compared, share, collection) -> dict[str, object]:
    """What each door shows of the video and of what was made with it."""
    here, there = f"/v2/videos/{video.pk}", f"/v2/comparisons/{compared.pk}"
    listed = {one["video_id"] for one in alices.get("/v2/videos").json()["videos"]}
    found = {one["video_id"] for one in alices.get(f"/v2/videos?q={video.title}").json()["videos"]}
    all_compared = json.loads(b"".join(alices.get("/v2/comparisons")))["comparisons"]
    counts = {one["id"]: one["video_count"] for one in alices.get("/v2/collections").json()["collections"]}
    return {
        "listed": str(video.pk) in listed,
        "found": str(video.pk) in found,
        "on the page": str(video.pk) in alices.get("/library/").content.decode(),
        "read": alices.get(here).status_code == 200,
        "played": alices.head(f"{here}/file").status_code == 200,
        "compared": str(compared.pk) in {one["id"] for one in all_compared},
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


def jobs_of(video):
    return dict(video.jobs.values_list("kind", "status"))


def test_what_was_stopped_by_deleting_goes_on_when_it_is_restored_and_nothing_else(alice, alices_comparison):
    video = alices_comparison.video_b
    rendition = Job.objects.create(video=video, kind=Job.Kind.RENDITION)
    Job.objects.filter(video=video, kind=Job.Kind.PROBE).update(status=Job.Status.FAILED)
    Job.objects.filter(comparison=alices_comparison).update(status=Job.Status.IN_PROGRESS)

    cleaning.delete(video)
    assert jobs_of(video)["rendition"] == Job.Status.CANCELLED
    assert Job.objects.get(comparison=alices_comparison).status == Job.Status.CANCELLED

    library.restore(Viewer(alice), video.pk)
    assert jobs_of(video) == {"probe": "failed", "ingest": "completed", "rendition": "pending"}
    assert Job.objects.get(comparison=alices_comparison).status == Job.Status.PENDING
    assert jobs.claim(rendition.pk)


def test_what_its_owner_cancelled_stays_cancelled_when_it_is_restored(alice, clip, make_video):
    video = make_video(alice, clip)
    pipeline.cancel(video)
    cleaning.delete(video)

    restored = library.restore(Viewer(alice), video.pk)

    assert restored.status == Video.Status.CANCELLED
    assert jobs_of(video) == {"probe": "cancelled", "ingest": "cancelled"}


def test_a_comparison_goes_on_once_both_sides_are_back(alice, alices_comparison):
    job = alices_comparison.job
    Job.objects.filter(pk=job.pk).update(status=Job.Status.PENDING)
    for video in (alices_comparison.video_a, alices_comparison.video_b):
        cleaning.delete(video)

    for video, status in ((alices_comparison.video_a, "cancelled"), (alices_comparison.video_b, "pending")):
        library.restore(Viewer(alice), video.pk)
        assert Job.objects.get(pk=job.pk).status == status


def test_a_comparison_that_was_deleted_meanwhile_is_not_taken_up_again(alices_comparison):
    Job.objects.filter(comparison=alices_comparison).update(status=Job.Status.FAILED)
    alices_comparison.refresh_from_db()
    cleaning.delete_comparison(alices_comparison)

    with pytest.raises(NotFound, match="deleted meanwhile"):
        comparison.retry(alices_comparison)
    assert Job.objects.get(comparison=alices_comparison).status == Job.Status.FAILED
