"""The job that has TwelveLabs compute the clip vectors of a video, against a double of its API."""

import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ProviderKey, User
from billing import ledger
from billing.models import Entry
from sage.encryption import encrypt
from sage.jobs import queue, worker
from sage.models import ProviderCall
from sage.providers import calls
from sage.storage import storage
from tests.sage.providers.twelvelabs_server import CHUNK_BYTES, Scripted
from tests.vendors import BAD, GOOD
from videos.library import deletion, purge
from videos.models import Embedding, Job, Video
from videos.processing import clip_embedding, pipeline

pytestmark = pytest.mark.django_db(transaction=True)
MODEL = "twelvelabs:marengo3.0"
HOSTED = Embedding.objects.filter(model=MODEL)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(calls, "PAUSES_SECONDS", (0.0, 0.0))


@pytest.fixture
def video(twelvelabs, alice, clip, make_video) -> Video:
    """Upload a video of Alice, whose file is checked and decoded. Its clips have no vectors yet."""
    made = make_video(alice, clip)
    for job in made.jobs.exclude(kind=Job.Kind.CLIPS):
        worker.run(Job, job.pk)
    made.refresh_from_db()
    return made


def run_once(video) -> Job:
    """Run the job of the clips now, although it may wait."""
    job = video.jobs.get(kind=Job.Kind.CLIPS)
    Job.objects.filter(pk=job.pk).update(run_after=job.created_at)
    worker.run(Job, job.pk)
    job.refresh_from_db()
    video.refresh_from_db()
    return job


def run_until_end(video) -> Job:
    while (job := run_once(video)).is_open:
        assert job.attempts < 3 and job.waits < 9
    return job


def save_own_key(user, key=GOOD["twelvelabs"]) -> ProviderKey:
    return ProviderKey.objects.create(
        user=user, provider="twelvelabs", sealed=encrypt(key), last_four=key[-4:], is_valid=True
    )


# --- The way of an upload ---


def test_an_upload_is_ready_when_its_clips_have_vectors(twelvelabs, video):
    twelvelabs.polls, twelvelabs.clip_count = 3, 2
    assert video.status == Video.Status.PROCESSING

    job = run_until_end(video)

    assert (job.status, job.external_id, video.status) == (Job.Status.COMPLETED, "", Video.Status.READY)
    rows = [(row.scope, row.dimensions, row.start, row.end) for row in HOSTED.filter(video=video).order_by("pk")]
    assert rows == [("video", 512, None, None), ("clip", 512, 0.0, 2.0), ("clip", 512, 2.0, 4.0)]
    assert HOSTED.get(scope="video").vector[500] == HOSTED.get(start=2).vector[1] == 1
    assert video.embeddings.filter(model="sage-perceptual-1").count() == 2


def test_the_whole_file_is_uploaded_and_deleted_when_it_is_done(twelvelabs, video):
    run_once(video)

    assert twelvelabs.assets == {"asset-1": storage.read(video.storage_key)}
    assert video.size > 3 * CHUNK_BYTES  # so that addresses of further chunks were asked for
    [task] = twelvelabs.tasks
    assert task["video"]["media_source"] == {"asset_id": "asset-1"}

    run_until_end(video)

    assert twelvelabs.assets == {}


def test_a_file_on_s3_is_read_from_a_signed_url(on_s3, twelvelabs, video):
    run_until_end(video)

    [task] = twelvelabs.tasks
    url = task["video"]["media_source"]["url"]
    assert url.startswith(on_s3.endpoint) and "X-Amz-Expires=3600" in url
    assert twelvelabs.count("create asset") == 0


def test_the_upload_is_charged_once_when_the_clips_are_done(twelvelabs, video, alice):
    held = ledger.balance(alice.pk).held
    assert held > 0

    run_until_end(video)

    assert ledger.balance(alice.pk).held == 0
    assert [entry.amount for entry in Entry.objects.filter(kind="capture")] == [-held]


def test_only_the_creations_are_recorded_and_the_task_with_its_seconds(twelvelabs, video, alice):
    twelvelabs.polls = 3
    run_until_end(video)

    recorded = ProviderCall.objects.filter(ok=True)
    seconds = [call.video_seconds for call in recorded]
    assert set(seconds) == {None, video.duration}
    assert len(seconds) == twelvelabs.count("create asset") + twelvelabs.count("create task")
    assert {(call.purpose, call.model, call.user_id) for call in recorded} == {("clip vectors", MODEL, alice.pk)}


def test_without_a_key_nothing_is_queued_and_the_upload_is_ready(twelvelabs, settings, alice, clip, make_video):
    settings.TWELVELABS_API_KEY = ""

    video = make_video(alice, clip, run=True)

    assert video.status == Video.Status.READY
    assert not video.jobs.filter(kind=Job.Kind.CLIPS).exists()
    assert twelvelabs.requests == []


def test_the_own_key_of_a_user_is_enough(twelvelabs, settings, alice, clip, make_video):
    settings.TWELVELABS_API_KEY = ""
    save_own_key(alice)
    video = make_video(alice, clip, run=True)

    assert run_until_end(video).status == Job.Status.COMPLETED


def test_videos_of_the_system_user_stay_on_this_machine(twelvelabs, clip, make_video):
    assert not make_video(User.objects.system(), clip).jobs.filter(kind=Job.Kind.CLIPS).exists()


def test_a_file_that_cannot_be_decoded_is_never_sent(twelvelabs, alice, make_video, tmp_path):
    (tmp_path / "text.mp4").write_text("this is no video\n" * 100)

    video = make_video(alice, tmp_path / "text.mp4", run=True)

    assert [job.status for job in video.jobs.all()] == ["failed", "cancelled", "cancelled"]
    assert twelvelabs.requests == []


# --- Interruptions ---


def test_a_worker_that_is_killed_between_two_polls_creates_no_second_task(twelvelabs, video):
    twelvelabs.polls = 3
    job = run_once(video)
    assert job.external_id.endswith("asset-1 sent task-1") and job.attempts == 0
    started = job.started_at

    Job.objects.filter(pk=job.pk).update(run_after=job.created_at)
    assert queue.claim(Job, job.pk)  # by a worker that is killed now
    Job.objects.filter(pk=job.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    job = run_until_end(video)

    assert (job.status, job.started_at) == (Job.Status.COMPLETED, started)
    assert (twelvelabs.count("create asset"), twelvelabs.count("create task")) == (1, 1)


def test_an_upload_that_was_interrupted_starts_again(twelvelabs, video):
    twelvelabs.assets["asset-9"] = b"a part"
    video.jobs.filter(kind=Job.Kind.CLIPS).update(external_id=f"{MODEL} site asset-9 - -")

    assert run_until_end(video).status == Job.Status.COMPLETED
    assert twelvelabs.assets == {}


def test_a_task_of_another_model_is_not_continued(twelvelabs, video):
    video.jobs.filter(kind=Job.Kind.CLIPS).update(external_id="twelvelabs:marengo3.5 site - - task-7")

    run_until_end(video)

    assert twelvelabs.count("create task") == 1


def test_a_cancelled_job_that_waits_has_its_file_deleted_at_the_provider(twelvelabs, video):
    twelvelabs.polls = 99
    run_once(video)
    pipeline.cancel(video)
    assert list(twelvelabs.assets) == ["asset-1"]

    assert queue.clean_up_cancelled_jobs() == 1

    assert twelvelabs.assets == {} and queue.clean_up_cancelled_jobs() == 0
    assert video.jobs.get(kind=Job.Kind.CLIPS).external_id == ""


def test_a_provider_that_is_unavailable_is_asked_later_to_delete_the_file(twelvelabs, video):
    twelvelabs.polls = 99
    run_once(video)
    pipeline.cancel(video)
    twelvelabs.scripts["delete asset"] = [Scripted(503)]
    queue.clean_up_cancelled_jobs()
    assert video.jobs.get(kind=Job.Kind.CLIPS).external_id

    twelvelabs.scripts.clear()
    queue.clean_up_cancelled_jobs()

    assert twelvelabs.assets == {}


def test_a_job_that_is_cancelled_while_its_task_is_created_leaves_nothing_behind(twelvelabs, video):
    let_go = threading.Event()
    twelvelabs.scripts["create task"] = [Scripted(202, {"_id": "task-1", "status": "processing"}, wait=let_go)]
    running = threading.Thread(target=run_once, args=[video])
    running.start()
    while "create task" not in twelvelabs.requests:
        assert running.is_alive()

    pipeline.cancel(Video.objects.get(pk=video.pk))
    let_go.set()
    running.join(20)

    job = video.jobs.get(kind=Job.Kind.CLIPS)
    assert (job.status, job.external_id, twelvelabs.assets) == (Job.Status.CANCELLED, "", {})


def test_a_purged_video_leaves_no_file_at_the_provider(twelvelabs, video):
    twelvelabs.polls = 99
    run_once(video)
    deletion.delete_video(video)

    purge.purge_video(Video.all_objects.get(pk=video.pk))

    assert twelvelabs.assets == {}


# --- Failures ---


def test_a_refused_own_key_is_marked_and_fails_the_upload_with_advice(twelvelabs, settings, alice, clip, make_video):
    settings.TWELVELABS_API_KEY = ""
    key = save_own_key(alice, BAD["twelvelabs"])
    video = make_video(alice, clip, run=True)

    job = run_once(video)

    key.refresh_from_db()
    assert (key.is_valid, job.status, video.status) == (False, Job.Status.FAILED, Video.Status.FAILED)
    assert video.error == "TwelveLabs does not accept your key. Replace it under Provider keys."
    assert ledger.balance(alice.pk).held == 0


def test_a_refused_key_of_the_site_is_the_operators_matter(twelvelabs, settings, video):
    settings.TWELVELABS_API_KEY = BAD["twelvelabs"]

    assert run_once(video).error == "TwelveLabs does not accept this site's key. Ask the operator to replace it."


def test_a_failed_task_fails_the_upload_and_a_retry_creates_another(twelvelabs, video, alice):
    twelvelabs.scripts["read task"] = [
        Scripted(200, {"_id": "task-1", "status": "failed", "error": {"message": "tlk_secret"}})
    ]
    run_until_end(video)

    assert video.status == Video.Status.FAILED
    assert video.error == "TwelveLabs could not process this video. Retry, or upload another export."
    assert (twelvelabs.assets, ledger.balance(alice.pk).held) == ({}, 0)

    twelvelabs.scripts.clear()
    pipeline.retry(video)
    assert run_until_end(video).status == Job.Status.COMPLETED
    assert (video.status, twelvelabs.count("create task")) == (Video.Status.READY, 2)


def test_a_video_that_the_model_does_not_accept_fails_with_advice(twelvelabs, video):
    twelvelabs.scripts["create task"] = [Scripted(400, {"code": "parameter_invalid", "message": "too short"})]

    run_until_end(video)

    assert "TwelveLabs does not accept this video." in video.error and "Upload another export" in video.error


def test_a_busy_provider_is_asked_again_when_it_says_so(twelvelabs, video):
    twelvelabs.scripts["create task"] = [Scripted(429, {}, {"Retry-After": "1200"})]

    job = run_once(video)

    assert (job.status, job.waits, job.attempts) == (Job.Status.PENDING, 1, 0)
    assert job.error == "TwelveLabs is busy, or its quota is used up. Try again later."
    assert job.run_after > timezone.now() + timedelta(seconds=1100)
    twelvelabs.scripts.clear()
    assert run_until_end(video).status == Job.Status.COMPLETED
    assert (job.waits, twelvelabs.count("create asset")) == (1, 1)


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (Scripted(500, {"message": "x"}), "TwelveLabs is unavailable. Try again in a moment."),
        (Scripted(200, b"<html>"), "TwelveLabs sent a response that Sage cannot read. Try again later."),
        (Scripted(200, {"status": 5}), "TwelveLabs sent a response that Sage cannot read. Try again later."),
        (Scripted(200, {"_id": "t", "status": "ready", "data": []}), "TwelveLabs sent a response that Sage cannot"),
    ],
)
def test_a_failure_that_may_pass_is_explained_and_repeated_without_a_second_task(twelvelabs, video, script, sentence):
    twelvelabs.scripts["read task"] = [script]
    run_once(video)
    job = run_once(video)
    assert job.status == Job.Status.PENDING and job.error.startswith(sentence)

    twelvelabs.scripts.clear()

    assert run_until_end(video).error == ""
    assert twelvelabs.count("create task") == 1


def test_a_failure_that_lasts_fails_the_upload_with_its_sentence(twelvelabs, video):
    twelvelabs.scripts["read task"] = [Scripted(500)]
    run_once(video)
    video.jobs.filter(kind=Job.Kind.CLIPS).update(waits=queue.MAX_WAITS)

    job = run_once(video)

    assert (job.status, video.error) == (Job.Status.FAILED, "TwelveLabs is unavailable. Try again in a moment.")
    twelvelabs.scripts.clear()
    pipeline.retry(video)
    run_until_end(video)
    assert (video.status, twelvelabs.count("create task")) == (Video.Status.READY, 1)


def test_a_silent_provider_is_given_up(twelvelabs, video, monkeypatch):
    monkeypatch.setattr(calls, "IDLE_SECONDS", 0.3)
    twelvelabs.scripts["create task"] = [Scripted(wait=threading.Event())]

    assert run_once(video).error == "TwelveLabs did not respond in time. Try again in a moment."


def test_a_task_that_takes_too_long_fails_the_upload(twelvelabs, settings, video):
    twelvelabs.polls = 99
    run_once(video)
    settings.CLIP_VECTOR_DEADLINE_SECONDS = 0.0

    run_until_end(video)

    assert (video.status, video.error) == (Video.Status.FAILED, clip_embedding.TOO_SLOW)
    assert twelvelabs.assets == {}


def test_a_task_that_the_provider_forgot_fails_instead_of_costing_another(twelvelabs, video):
    video.jobs.filter(kind=Job.Kind.CLIPS).update(external_id=f"{MODEL} site - - task-7")

    run_until_end(video)

    assert (video.error, twelvelabs.tasks) == ("TwelveLabs no longer has its copy of this video. Retry.", [])


def test_with_the_local_model_configured_again_a_queued_job_does_nothing(twelvelabs, settings, video):
    settings.CLIP_VECTOR_MODEL = "perceptual:sage-perceptual-1"

    assert run_once(video).status == Job.Status.COMPLETED
    assert (video.status, twelvelabs.requests) == (Video.Status.READY, [])
