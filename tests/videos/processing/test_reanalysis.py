import pytest

from accounts.viewer import Viewer
from sage import errors
from sage.jobs import queue as jobs
from sage.jobs import worker
from sage.storage import storage
from videos.comparisons import requests
from videos.fingerprint.perceptual import PerceptualEmbedder
from videos.fingerprint.version import FINGERPRINT_VERSION
from videos.models import Embedding, Job, Video
from videos.processing import pipeline, reanalysis

pytestmark = pytest.mark.django_db
OLD = 0


@pytest.fixture
def outdated(alice_pair):
    """Make two videos of Alice outdated, with another fingerprint version and without vectors."""
    for video in alice_pair:
        (storage.root / video.derived_key("fingerprint.bin")).write_bytes(b"as it once was")
    Embedding.objects.all().delete()
    Video.objects.update(fingerprint_version=OLD)
    return [Video.objects.get(pk=video.pk) for video in alice_pair]


def test_outdated_videos_are_processed_again_and_stay_ready(alice, outdated):
    seen = []
    while job := reanalysis.queue_next():
        seen.append(job.video_id)
        assert Video.objects.get(pk=job.video_id).is_ready
        worker.run(Job, job.pk)

    assert seen == [video.pk for video in reversed(outdated)]  # the newest first, each once
    for video in Video.objects.all():
        assert (video.status, video.fingerprint_version) == (Video.Status.READY, FINGERPRINT_VERSION)
        assert Embedding.objects.filter(video=video).exists()
    a, b = (Video.objects.get(pk=video.pk) for video in outdated)
    created = requests.create_comparison(Viewer(alice), a, b)
    worker.run(Job, created.job.pk)
    created.refresh_from_db()
    assert created.is_completed


def test_a_video_without_sprites_is_processed_again_and_may_be_compared_meanwhile(alice, alice_pair):
    Video.objects.filter(pk=alice_pair[0].pk).update(has_sprites=False)

    job = reanalysis.queue_next()

    assert job.video_id == alice_pair[0].pk
    assert requests.create_comparison(Viewer(alice), *alice_pair)
    worker.run(Job, job.pk)
    assert Video.objects.get(pk=job.video_id).has_sprites
    assert reanalysis.queue_next() is None


def test_one_video_at_a_time_is_queued_on_the_low_queue(outdated, django_capture_on_commit_callbacks, monkeypatch):
    sent = []
    monkeypatch.setattr(jobs, "send", lambda label, job_id, queue, delay_seconds: sent.append((label, job_id, queue)))

    with django_capture_on_commit_callbacks(execute=True):
        first = reanalysis.queue_next()
        assert reanalysis.queue_next() is None

    assert sent == [("videos.job", first.pk, "low")]


def test_a_new_video_is_queued_on_the_medium_queue(
    alice, clip, make_video, django_capture_on_commit_callbacks, monkeypatch
):
    sent = []
    monkeypatch.setattr(jobs, "send", lambda label, job_id, queue, delay_seconds: sent.append(queue))

    with django_capture_on_commit_callbacks(execute=True):
        make_video(alice, clip)

    assert sent == ["medium"]


def test_an_up_to_date_video_is_not_processed_again(alice_pair):
    assert reanalysis.queue_next() is None


def test_comparing_an_outdated_video_says_that_it_is_being_processed_again(alice_client, alice, outdated):
    a, b = outdated

    with pytest.raises(errors.Conflict, match=r"Video A, “clip”.*being processed again"):
        requests.create_comparison(Viewer(alice), a, b)
    answer = alice_client.post("/v2/comparisons", {"video_a": str(a.pk), "video_b": str(b.pk)}, "application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")


def test_a_queued_comparison_fails_with_the_same_message_and_runs_once_its_videos_are_up_to_date(alice, alice_pair):
    created = requests.create_comparison(Viewer(alice), *alice_pair)
    Video.objects.update(fingerprint_version=OLD)
    worker.run(Job, created.job.pk)
    created = type(created).objects.get()
    assert created.status == Job.Status.FAILED
    assert "being processed again" in created.job.error
    with pytest.raises(errors.Conflict, match="being processed again"):
        requests.retry_comparison(created)

    while job := reanalysis.queue_next():
        worker.run(Job, job.pk)
    created = type(created).objects.get()
    requests.retry_comparison(created)
    worker.run(Job, created.job.pk)

    assert type(created).objects.get().is_completed


def test_a_video_whose_reanalysis_fails_still_plays_and_is_not_queued_again(alice, alice_client, outdated):
    newest = outdated[1]
    (storage.root / newest.storage_key).write_bytes(b"damaged since")
    worker.run(Job, reanalysis.queue_next().pk)

    newest.refresh_from_db()
    assert newest.is_ready
    worker.run(Job, reanalysis.queue_next().pk)  # the other video
    assert reanalysis.queue_next() is None
    assert alice_client.get(f"/v2/videos/{newest.pk}/file").status_code == 200
    with pytest.raises(errors.Conflict, match="could not be processed again"):
        requests.create_comparison(Viewer(alice), Video.objects.get(pk=outdated[0].pk), newest)


def test_cancelling_a_reanalysis_leaves_the_video_ready(outdated):
    video = reanalysis.queue_next().video

    pipeline.cancel(video)

    video.refresh_from_db()
    assert video.is_ready


def test_a_failed_reanalysis_is_retried_from_the_page_that_shows_it(alice, alice_client, outdated):
    older, newest = outdated
    good = (storage.root / newest.storage_key).read_bytes()
    (storage.root / newest.storage_key).write_bytes(b"damaged since")
    worker.run(Job, reanalysis.queue_next().pk)
    again = f'action="/videos/{newest.pk}/retry/"'

    assert again in alice_client.get(f"/videos/{newest.pk}/").content.decode()
    assert "Processing again failed" in alice_client.get("/library/").content.decode()
    worker.run(Job, reanalysis.queue_next().pk)
    refused = alice_client.post("/compare/", {"a": older.pk, "b": newest.pk})
    assert (refused.status_code, again in refused.content.decode()) == (422, True)
    assert f'action="/videos/{older.pk}/retry/"' not in refused.content.decode()

    (storage.root / newest.storage_key).write_bytes(good)
    alice_client.post(f"/videos/{newest.pk}/retry/")
    assert "Processing again" in alice_client.get(f"/videos/{newest.pk}/").content.decode()
    worker.run(Job, newest.jobs.get(kind=Job.Kind.INGEST).pk)
    newest.refresh_from_db()
    assert reanalysis.find_job(newest) is None
    assert again not in alice_client.get(f"/videos/{newest.pk}/").content.decode()
    assert alice_client.post("/compare/", {"a": older.pk, "b": newest.pk}).status_code == 302


def test_a_comparison_that_failed_because_of_it_offers_to_retry_the_reanalysis(
    alice, alice_client, bob_client, alice_pair
):
    created = requests.create_comparison(Viewer(alice), *alice_pair)
    Video.objects.update(fingerprint_version=OLD)
    Job.objects.filter(kind=Job.Kind.INGEST).update(status=Job.Status.FAILED, error="It is damaged.")
    worker.run(Job, created.job.pk)

    page = alice_client.get(f"/compare/{created.pk}/").content.decode()

    for video in alice_pair:
        assert f'action="/videos/{video.pk}/retry/"' in page
    assert bob_client.post(f"/videos/{alice_pair[0].pk}/retry/").status_code == 404


def test_another_model_of_vectors_requires_another_fingerprint_version():
    assert (FINGERPRINT_VERSION, PerceptualEmbedder.model) == (2, "sage-perceptual-1")
