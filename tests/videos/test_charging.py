"""What reading a video costs, from the first byte announced to whatever becomes of it."""

import io
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.viewer import Viewer
from billing import ledger
from billing.models import Entry, Tier
from sage.errors import InsufficientTokens, TooLarge
from sage.storage import storage
from videos import charging, cleaning, comparison, jobs, library, pipeline, uploads
from videos.announced import Announced
from videos.models import Comparison, Job, Upload, Video

pytestmark = pytest.mark.django_db
TEXT = b"abcdefghij"


@pytest.fixture(autouse=True)
def hundred_a_month():
    Tier.objects.filter(key=Tier.FREE).update(tokens=100)


def announce(user, duration=None, **more):
    return uploads.begin(Viewer(user), Announced("clip.mp4", len(TEXT), "video/mp4", duration=duration, **more))


def send(upload, data=TEXT):
    part = storage.write_part(upload.parts_id, 1, 0, len(data), io.BytesIO(data))
    return complete(upload, part)


def complete(upload, part):
    return uploads.complete(upload, [{"part_number": 1, "etag": part.etag}])[0]


def work(of, kind, duration=None):
    """What a worker would do, with what it would find out."""
    job = jobs.claim((of.jobs.get(kind=kind) if isinstance(of, Video) else of.job).pk, pipeline.settle)
    jobs.finish(job, lambda: Video.objects.filter(pk=job.video_id).update(duration=duration), pipeline.settle)
    of.refresh_from_db()


def tokens(user):
    now = ledger.balance(user.pk)
    assert now.token_balance == Entry.objects.of(user.pk).total()
    return now.token_balance, now.held


def test_the_declared_length_is_held_corrected_once_measured_and_taken_when_read(alice):
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


def test_what_is_too_long_for_the_balance_is_refused_before_a_byte_is_sent(alice, alices):
    said = {"filename": "clip.mp4", "size": 10, "content_type": "video/mp4", "duration": 100.5}

    answer = alices.post("/v2/uploads", said, content_type="application/json")

    assert answer.status_code == 402
    error = answer.json()["error"]
    assert (error["code"], error["details"]) == ("INSUFFICIENT_TOKENS", {"required": 101, "available": 100})
    assert "1 is missing. Nothing was sent." in error["message"]
    assert not Upload.objects.exists()
    assert tokens(alice) == (100, 0)


def test_without_a_declared_length_the_hold_comes_at_the_end_and_grows_when_it_is_measured(alice):
    upload = announce(alice)
    assert tokens(alice) == (100, 0)

    video = send(upload)
    assert tokens(alice) == (99, 1)
    work(video, Job.Kind.PROBE, 30)

    assert tokens(alice) == (70, 30)


def test_who_has_nothing_left_is_told_before_and_after_sending_and_loses_nothing(alice):
    upload = announce(alice)
    part = storage.write_part(upload.parts_id, 1, 0, len(TEXT), io.BytesIO(TEXT))
    ledger.hold(alice.pk, 100, "other")

    with pytest.raises(InsufficientTokens, match="Nothing was sent"):
        announce(alice)
    with pytest.raises(InsufficientTokens):
        complete(upload, part)
    ledger.release("other")

    assert complete(upload, part).status == Video.Status.PROCESSING
    assert Upload.objects.count() == 1


def test_a_video_that_turns_out_longer_than_the_balance_is_kept_and_read_once_it_is_covered(alice, alices):
    video = send(announce(alice, 50))

    work(video, Job.Kind.PROBE, 130)

    assert video.status == Video.Status.FAILED
    assert "needs 130 tokens, and you have 100: 30 are missing. The file is kept." in video.error
    assert video.jobs.get(kind=Job.Kind.INGEST).error == video.error
    assert storage.read(video.storage_key) == TEXT
    assert tokens(alice) == (100, 0)
    assert alices.post(f"/v2/videos/{video.pk}/retry").status_code == 402
    ledger.grant(alice.pk, 30, "Thanks", "thanks")

    assert alices.post(f"/v2/videos/{video.pk}/retry").json()["status"] == "processing"
    assert tokens(alice) == (0, 130)
    work(video, Job.Kind.INGEST, 130)
    assert (video.is_ready, tokens(alice)) == (True, (0, 0))


def test_what_fails_or_is_cancelled_or_deleted_before_its_end_is_given_back_and_held_anew_when_it_goes_on(alice):
    video = send(announce(alice, 50))

    jobs.fail(jobs.claim(video.jobs.first().pk), "It broke.", pipeline.settle)
    assert tokens(alice) == (100, 0)
    pipeline.retry(video)
    video.refresh_from_db()
    work(video, Job.Kind.PROBE, 40)
    assert tokens(alice) == (60, 40)
    pipeline.cancel(video)
    assert tokens(alice) == (100, 0)
    pipeline.retry(video)
    video.refresh_from_db()
    cleaning.delete(video)
    assert tokens(alice) == (100, 0)
    library.restore(Viewer(alice), video.pk)
    assert tokens(alice) == (60, 40)
    video.refresh_from_db()
    work(video, Job.Kind.INGEST, 40)
    cleaning.delete(video)

    assert tokens(alice) == (60, 0), "what was read stays paid for"
    assert -sum(Entry.objects.filter(kind="capture").values_list("amount", flat=True)) == 40


def test_what_is_not_covered_any_more_comes_back_but_is_not_read(alice):
    video = send(announce(alice, 50))
    work(video, Job.Kind.PROBE, 50)
    cleaning.delete(video)
    ledger.hold(alice.pk, 60, "other")

    back = library.restore(Viewer(alice), video.pk)

    assert (back.status, back.deleted_at) == (Video.Status.FAILED, None)
    assert "10 are missing" in back.error
    assert tokens(alice) == (40, 60)


def test_reading_again_costs_nothing(alice):
    video = send(announce(alice, 50))
    work(video, Job.Kind.PROBE, 50)
    work(video, Job.Kind.INGEST, 50)
    for _ in range(2):
        jobs.restart(video.jobs.get(kind=Job.Kind.INGEST))
        work(video, Job.Kind.INGEST, 50)

    assert tokens(alice) == (50, 0)


def test_an_upload_that_comes_to_nothing_gives_back_what_it_held(alice):
    first = send(announce(alice, 10))
    Video.objects.update(sha256=first.sha256 or "a" * 64)
    uploads.abort(announce(alice, 20))
    assert tokens(alice) == (90, 10)
    same = announce(alice, 20)
    assert send(same) == first, "the same bytes are kept once"
    assert tokens(alice) == (90, 10)
    announce(alice, 20)
    Upload.objects.filter(video=None).update(expires_at=timezone.now() - timedelta(seconds=1))
    cleaning.clean()

    assert tokens(alice) == (90, 10)


def test_sages_own_user_is_never_charged_nor_limited(clip, make_video):
    system = User.objects.system()
    Tier.objects.update(upload_limit_gb=0)

    video = make_video(system, clip)
    work(video, Job.Kind.PROBE, 1000)
    work(video, Job.Kind.INGEST, 1000)

    assert video.is_ready
    assert not Entry.objects.exists()


def test_each_plan_has_its_own_limit_of_a_file(alice):
    with pytest.raises(TooLarge, match="larger than the 5 GB that your plan, Free, takes"):
        uploads.begin(Viewer(alice), Announced("film.mov", 5 * 1024**3 + 1))


def test_what_is_left_on_hold_is_settled_by_what_became_of_its_video(alice, monkeypatch):
    """As after a fault between a hold and its end: each of these is in a state that its transaction did not leave."""
    ready, failed, going_on, gone = (send(announce(alice, 10), b"%010d" % number) for number in range(4))
    Video.objects.filter(pk=ready.pk).update(status=Video.Status.READY, duration=9.5)
    Video.objects.filter(pk=failed.pk).update(status=Video.Status.FAILED)
    Video.objects.filter(pk=gone.pk).delete()
    waiting = announce(alice, 10)
    lost = announce(alice, 10)
    Upload.objects.filter(pk=lost.pk).delete()
    assert (charging.reconcile(), tokens(alice)) == (0, (40, 60)), "too soon to say"

    monkeypatch.setattr(charging, "LEFT_FOR", timedelta(0))
    assert [charging.reconcile(), charging.reconcile()] == [4, 0]

    assert tokens(alice) == (70, 20)
    assert {one.reference for one in Entry.objects.open_holds()} == {
        going_on.hold_reference,
        charging.first_of(waiting),
    }


def test_other_operations_pass_the_same_guard_once_they_have_a_price(alice, alices, alices_comparison, settings):
    ledger.open_account(alice.pk)
    before = tokens(alice)
    settings.PRICES = {"analysis": 1, "comparison": 7, "export": 2}
    a, b = alices_comparison.video_a, alices_comparison.video_b

    made = comparison.compare(Viewer(alice), b, a)
    assert tokens(alice) == (before[0] - 7, before[1] + 7)
    comparison.cancel(made)
    assert tokens(alice) == before
    made.refresh_from_db()
    comparison.retry(Comparison.objects.get(pk=made.pk))
    cleaning.delete(a)
    assert tokens(alice) == before
    library.restore(Viewer(alice), a.pk)
    assert tokens(alice) == (before[0] - 7, before[1] + 7)
    made = Comparison.objects.get(pk=made.pk)
    work(made, Job.Kind.COMPARE)
    alices.get(f"/v2/comparisons/{alices_comparison.pk}/export?format=csv")

    assert tokens(alice) == (before[0] - 9, before[1])
    ledger.hold(alice.pk, before[0] - 9, "the rest")
    assert alices.get(f"/v2/comparisons/{alices_comparison.pk}/export?format=csv").status_code == 402


def test_a_comparison_that_is_not_covered_any_more_says_so_when_its_side_is_restored(
    alice, alices_comparison, settings
):
    Job.objects.filter(comparison=alices_comparison).update(status=Job.Status.IN_PROGRESS)
    cleaning.delete(alices_comparison.video_a)
    settings.PRICES = {"analysis": 1, "comparison": 1000}

    library.restore(Viewer(alice), alices_comparison.video_a_id)

    job = Job.objects.get(comparison=alices_comparison)
    assert (job.status, "900 are missing" in job.error) == (Job.Status.FAILED, True), job.error
