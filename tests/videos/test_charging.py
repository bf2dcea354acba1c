"""Charges of a video from its announcement to its end."""

import io
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.viewer import Viewer
from billing import ledger
from billing.models import Entry, Tier
from sage.errors import InsufficientTokens, PayloadTooLarge
from sage.jobs import queue
from sage.storage import storage
from videos import charging
from videos.comparisons import requests
from videos.library import deletion, purge
from videos.models import Comparison, Job, Upload, Video
from videos.processing import pipeline
from videos.uploads import multipart
from videos.uploads.announcement import UploadAnnouncement

pytestmark = pytest.mark.django_db
TEXT = b"abcdefghij"


@pytest.fixture(autouse=True)
def hundred_a_month():
    Tier.objects.filter(key=Tier.FREE).update(tokens=100)


def announce(user, duration=None, **more):
    return multipart.start_upload(
        Viewer(user), UploadAnnouncement("clip.mp4", len(TEXT), "video/mp4", duration=duration, **more)
    )


def send(upload, data=TEXT):
    part = storage.write_part(upload.parts_id, 1, 0, len(data), io.BytesIO(data))
    return complete(upload, part)


def complete(upload, part):
    return multipart.complete_upload(upload, [{"part_number": 1, "etag": part.etag}])[0]


def work(of, kind, duration=None):
    """Complete a job as a worker does, with the duration that it measured."""
    job = queue.claim(Job, (of.jobs.get(kind=kind) if isinstance(of, Video) else of.job).pk)
    queue.complete(job, lambda: Video.objects.filter(pk=job.video_id).update(duration=duration))
    of.refresh_from_db()


def tokens(user):
    now = ledger.balance(user.pk)
    assert now.token_balance == Entry.objects.of(user.pk).total()
    return now.token_balance, now.held


def test_the_declared_duration_is_held_then_adjusted_by_the_probe_and_captured_when_ready(alice):
    upload = announce(alice, 60.2)
    assert tokens(alice) == (39, 61)
    video = send(upload)
    assert (tokens(alice), video.pk) == ((39, 61), upload.pk)
    work(video, Job.Kind.PROBE, 12.3)
    assert tokens(alice) == (87, 13)
    work(video, Job.Kind.INGEST, 12.4)

    assert video.is_ready
    assert tokens(alice) == (87, 0)
    captures = Entry.objects.filter(kind="capture")
    assert [(entry.amount, entry.video_id) for entry in captures] == [(-13, video.pk)]


def test_a_video_too_long_for_the_balance_is_refused_before_the_upload(alice, alice_client):
    announcement = {"filename": "clip.mp4", "size": 10, "content_type": "video/mp4", "duration": 100.5}

    answer = alice_client.post("/v2/uploads", announcement, content_type="application/json")

    assert answer.status_code == 402
    error = answer.json()["error"]
    assert (error["code"], error["details"]) == ("INSUFFICIENT_TOKENS", {"required": 101, "available": 100})
    assert "1 is missing. Nothing was uploaded." in error["message"]
    assert not Upload.objects.exists()
    assert tokens(alice) == (100, 0)


def test_without_a_declared_duration_the_hold_follows_the_upload_and_is_adjusted_by_the_probe(alice):
    upload = announce(alice)
    assert tokens(alice) == (100, 0)

    video = send(upload)
    assert tokens(alice) == (99, 1)
    work(video, Job.Kind.PROBE, 30)

    assert tokens(alice) == (70, 30)


def test_an_empty_balance_is_reported_before_and_after_the_upload_and_nothing_is_lost(alice):
    upload = announce(alice)
    part = storage.write_part(upload.parts_id, 1, 0, len(TEXT), io.BytesIO(TEXT))
    ledger.hold(alice.pk, 100, "other")

    with pytest.raises(InsufficientTokens, match="Nothing was uploaded"):
        announce(alice)
    with pytest.raises(InsufficientTokens):
        complete(upload, part)
    ledger.release("other")

    assert complete(upload, part).status == Video.Status.PROCESSING
    assert Upload.objects.count() == 1


def test_a_video_longer_than_the_balance_is_kept_and_processed_once_it_is_covered(alice, alice_client):
    video = send(announce(alice, 50))

    work(video, Job.Kind.PROBE, 130)

    assert video.status == Video.Status.FAILED
    assert "needs 130 tokens, and you have 100: 30 are missing. The file is kept." in video.error
    assert video.jobs.get(kind=Job.Kind.INGEST).error == video.error
    assert storage.read(video.storage_key) == TEXT
    assert tokens(alice) == (100, 0)
    assert alice_client.post(f"/v2/videos/{video.pk}/retry").status_code == 402
    ledger.grant(alice.pk, 30, "Thanks", "thanks")

    assert alice_client.post(f"/v2/videos/{video.pk}/retry").json()["status"] == "processing"
    assert tokens(alice) == (0, 130)
    work(video, Job.Kind.INGEST, 130)
    assert (video.is_ready, tokens(alice)) == (True, (0, 0))


def test_a_failure_cancellation_or_deletion_releases_the_hold_and_a_retry_holds_again(alice):
    video = send(announce(alice, 50))

    queue.fail(queue.claim(Job, video.jobs.first().pk), "It broke.")
    assert tokens(alice) == (100, 0)
    pipeline.retry(video)
    video.refresh_from_db()
    work(video, Job.Kind.PROBE, 40)
    assert tokens(alice) == (60, 40)
    pipeline.cancel(video)
    assert tokens(alice) == (100, 0)
    pipeline.retry(video)
    video.refresh_from_db()
    deletion.delete_video(video)
    assert tokens(alice) == (100, 0)
    deletion.restore_video(Viewer(alice), video.pk)
    assert tokens(alice) == (60, 40)
    video.refresh_from_db()
    work(video, Job.Kind.INGEST, 40)
    deletion.delete_video(video)

    assert tokens(alice) == (60, 0), "the completed analysis is still charged"
    assert -sum(Entry.objects.filter(kind="capture").values_list("amount", flat=True)) == 40


def test_a_restored_video_that_is_not_covered_is_not_processed(alice):
    video = send(announce(alice, 50))
    work(video, Job.Kind.PROBE, 50)
    deletion.delete_video(video)
    ledger.hold(alice.pk, 60, "other")

    back = deletion.restore_video(Viewer(alice), video.pk)

    assert (back.status, back.deleted_at) == (Video.Status.FAILED, None)
    assert "10 are missing" in back.error
    assert tokens(alice) == (40, 60)


def test_a_reanalysis_costs_nothing(alice):
    video = send(announce(alice, 50))
    work(video, Job.Kind.PROBE, 50)
    work(video, Job.Kind.INGEST, 50)
    for _ in range(2):
        queue.restart(video.jobs.get(kind=Job.Kind.INGEST))
        work(video, Job.Kind.INGEST, 50)

    assert tokens(alice) == (50, 0)


def test_an_abandoned_upload_releases_its_hold(alice):
    first = send(announce(alice, 10))
    Video.objects.update(sha256=first.sha256 or "a" * 64)
    multipart.abort_upload(announce(alice, 20))
    assert tokens(alice) == (90, 10)
    same = announce(alice, 20)
    assert send(same) == first, "the same file must be the same video"
    assert tokens(alice) == (90, 10)
    announce(alice, 20)
    Upload.objects.filter(video=None).update(expires_at=timezone.now() - timedelta(seconds=1))
    purge.purge_expired()

    assert tokens(alice) == (90, 10)


def test_the_system_user_is_neither_charged_nor_limited(clip, make_video):
    system = User.objects.system()
    Tier.objects.update(upload_limit_gb=0)

    video = make_video(system, clip)
    work(video, Job.Kind.PROBE, 1000)
    work(video, Job.Kind.INGEST, 1000)

    assert video.is_ready
    assert not Entry.objects.exists()


def test_each_plan_has_its_own_file_size_limit(alice):
    with pytest.raises(PayloadTooLarge, match="larger than the 5 GB that your plan, Free, allows"):
        multipart.start_upload(Viewer(alice), UploadAnnouncement("film.mov", 5 * 1024**3 + 1))


def test_reconciliation_settles_open_holds_by_the_state_of_their_video(alice, monkeypatch):
    """Put each video in a state that only a crash can leave."""
    ready, failed, going_on, gone = (send(announce(alice, 10), b"%010d" % number) for number in range(4))
    Video.objects.filter(pk=ready.pk).update(status=Video.Status.READY, duration=9.5)
    Video.objects.filter(pk=failed.pk).update(status=Video.Status.FAILED)
    Video.objects.filter(pk=gone.pk).delete()
    waiting = announce(alice, 10)
    lost = announce(alice, 10)
    Upload.objects.filter(pk=lost.pk).delete()
    assert (charging.reconcile(), tokens(alice)) == (0, (40, 60)), "nothing is settled so early"

    monkeypatch.setattr(charging, "RECONCILE_AFTER", timedelta(0))
    assert [charging.reconcile(), charging.reconcile()] == [4, 0]

    assert tokens(alice) == (70, 20)
    assert {one.reference for one in Entry.objects.open_holds()} == {
        going_on.hold_reference,
        charging.first_hold_reference(waiting),
    }


def test_other_operations_are_charged_once_they_have_a_price(alice, alice_client, alice_comparison, settings):
    ledger.open_account(alice.pk)
    before = tokens(alice)
    settings.PRICES = {"analysis": 1, "comparison": 7, "export": 2}
    a, b = alice_comparison.video_a, alice_comparison.video_b

    created = requests.create_comparison(Viewer(alice), b, a)
    assert tokens(alice) == (before[0] - 7, before[1] + 7)
    requests.cancel_comparison(created)
    assert tokens(alice) == before
    created.refresh_from_db()
    requests.retry_comparison(Comparison.objects.get(pk=created.pk))
    deletion.delete_video(a)
    assert tokens(alice) == before
    deletion.restore_video(Viewer(alice), a.pk)
    assert tokens(alice) == (before[0] - 7, before[1] + 7)
    created = Comparison.objects.get(pk=created.pk)
    work(created, Job.Kind.COMPARE)
    alice_client.get(f"/v2/comparisons/{alice_comparison.pk}/export?format=csv")

    assert tokens(alice) == (before[0] - 9, before[1])
    ledger.hold(alice.pk, before[0] - 9, "the rest")
    assert alice_client.get(f"/v2/comparisons/{alice_comparison.pk}/export?format=csv").status_code == 402


def test_a_comparison_that_is_not_covered_says_so_when_its_video_is_restored(alice, alice_comparison, settings):
    Job.objects.filter(comparison=alice_comparison).update(status=Job.Status.IN_PROGRESS)
    deletion.delete_video(alice_comparison.video_a)
    settings.PRICES = {"analysis": 1, "comparison": 1000}

    deletion.restore_video(Viewer(alice), alice_comparison.video_a_id)

    job = Job.objects.get(comparison=alice_comparison)
    assert (job.status, "900 are missing" in job.error) == (Job.Status.FAILED, True), job.error
