"""Deleted videos and comparisons are hidden everywhere, and can be restored completely."""

import json

import pytest
from django.test import Client

from accounts.viewer import Viewer
from sage.errors import NotFound
from sage.jobs import queue
from videos.comparisons import requests, sharing
from videos.library import deletion
from videos.library.deduplication import find_duplicate
from videos.models import Collection, Job, Video
from videos.processing import pipeline

pytestmark = pytest.mark.django_db


def list_visibility(alice_client, alice, video, compared, share, collection) -> dict[str, object]:
    """Return where the video and its comparison, share and collection are visible."""
    url, there = f"/v2/videos/{video.pk}", f"/v2/comparisons/{compared.pk}"
    listed = {one["video_id"] for one in alice_client.get("/v2/videos").json()["videos"]}
    found = {one["video_id"] for one in alice_client.get(f"/v2/videos?q={video.title}").json()["videos"]}
    all_compared = json.loads(b"".join(alice_client.get("/v2/comparisons")))["comparisons"]
    counts = {one["id"]: one["video_count"] for one in alice_client.get("/v2/collections").json()["collections"]}
    return {
        "listed": str(video.pk) in listed,
        "found": str(video.pk) in found,
        "on the page": str(video.pk) in alice_client.get("/library/").content.decode(),
        "read": alice_client.get(url).status_code == 200,
        "played": alice_client.head(f"{url}/file").status_code == 200,
        "compared": str(compared.pk) in {one["id"] for one in all_compared},
        "comparison read": alice_client.get(there).status_code == 200,
        "exported": alice_client.get(f"{there}/export?format=json").status_code == 200,
        "shared": Client().get(sharing.build_share_path(share)).status_code == 200,
        "counted": counts[str(collection.pk)] == 1,
        "held": find_duplicate(alice, sha256=video.sha256) == video,
    }


def test_a_deleted_video_is_hidden_everywhere_until_it_is_restored(alice_client, alice, alice_comparison):
    share = sharing.share_comparison(alice_comparison)
    collection = Collection.objects.create(owner=alice, name="Autumn")
    video = alice_comparison.video_a
    Video.objects.filter(pk=video.pk).update(collection=collection)
    objects = (alice_client, alice, video, alice_comparison, share, collection)
    assert all(list_visibility(*objects).values()), list_visibility(*objects)

    deletion.delete_video(video)
    assert not any(list_visibility(*objects).values()), list_visibility(*objects)

    deletion.restore_video(Viewer(alice), video.pk)
    assert all(list_visibility(*objects).values()), list_visibility(*objects)


def get_job_statuses(video):
    return dict(video.jobs.values_list("kind", "status"))


def test_restoring_resumes_only_jobs_that_the_deletion_stopped(alice, alice_comparison):
    video = alice_comparison.video_b
    rendition = Job.objects.create(video=video, kind=Job.Kind.RENDITION)
    Job.objects.filter(video=video, kind=Job.Kind.PROBE).update(status=Job.Status.FAILED)
    Job.objects.filter(comparison=alice_comparison).update(status=Job.Status.IN_PROGRESS)

    deletion.delete_video(video)
    assert get_job_statuses(video)["rendition"] == Job.Status.CANCELLED
    assert Job.objects.get(comparison=alice_comparison).status == Job.Status.CANCELLED

    deletion.restore_video(Viewer(alice), video.pk)
    first = {"probe": "failed", "ingest": "completed"}
    assert get_job_statuses(video) == {**first, "rendition": "pending"}
    assert Job.objects.get(comparison=alice_comparison).status == Job.Status.PENDING
    assert queue.claim(Job, rendition.pk)


def test_jobs_cancelled_by_the_owner_stay_cancelled_after_a_restore(alice, clip, make_video):
    video = make_video(alice, clip)
    pipeline.cancel(video)
    deletion.delete_video(video)

    restored = deletion.restore_video(Viewer(alice), video.pk)

    assert restored.status == Video.Status.CANCELLED
    assert get_job_statuses(video) == {"probe": "cancelled", "ingest": "cancelled"}


def test_a_comparison_resumes_when_both_videos_are_restored(alice, alice_comparison):
    job = alice_comparison.job
    Job.objects.filter(pk=job.pk).update(status=Job.Status.PENDING)
    for video in (alice_comparison.video_a, alice_comparison.video_b):
        deletion.delete_video(video)

    for video, status in ((alice_comparison.video_a, "cancelled"), (alice_comparison.video_b, "pending")):
        deletion.restore_video(Viewer(alice), video.pk)
        assert Job.objects.get(pk=job.pk).status == status


def test_a_deleted_comparison_cannot_be_retried(alice_comparison):
    Job.objects.filter(comparison=alice_comparison).update(status=Job.Status.FAILED)
    alice_comparison.refresh_from_db()
    deletion.delete_comparison(alice_comparison)

    with pytest.raises(NotFound, match="This comparison was deleted"):
        requests.retry_comparison(alice_comparison)
    assert Job.objects.get(comparison=alice_comparison).status == Job.Status.FAILED
