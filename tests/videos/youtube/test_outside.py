"""Tasks of outside workers at `/v2/internal/tasks`."""

import uuid

import pytest
from django.db.models.functions import Now

from accounts.viewer import Viewer
from sage.jobs import queue
from tests.videos.youtube.conftest import ID
from videos.models import Job, Transcript, Video
from videos.youtube.entries import add_video

pytestmark = pytest.mark.django_db
CUES = [{"text": "Hello.", "offset": 0, "duration": 1.5}]
METADATA = {"title": "A title", "duration": 90, "view_count": 3}


def let_claim_lapse():
    Job.objects.filter(status="in_progress").update(lease_expires_at=Now())


def make_due():
    Job.objects.filter(status="pending").update(run_after=Now())


def test_a_task_has_the_documented_shape(outside_worker, video):
    task = outside_worker.take("transcript")

    assert task.keys() == {"task_id", "task_type", "task_details", "retry_count", "message"}
    assert (task["task_type"], task["task_details"], task["retry_count"]) == ("transcript", {"video_id": ID}, 0)


def test_each_task_is_given_out_once(outside_worker, video):
    assert outside_worker.take("transcript")["task_details"] == {"video_id": ID}
    assert outside_worker.take("transcript") == 204
    assert outside_worker.take("metadata")["task_type"] == "metadata"


@pytest.mark.parametrize("kind", ["ai_note", "summary"])
def test_a_type_without_jobs_has_no_tasks(outside_worker, video, kind):
    assert outside_worker.take(kind) == 204


@pytest.mark.parametrize("query", ["", "type=film", "type=transcript&timeout=61", "type=transcript&timeout=-1"])
def test_a_wrong_query_is_refused(outside_worker, query):
    answer = outside_worker.get(f"tasks?{query}")

    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "VALIDATION_ERROR"


def test_uploads_are_never_given_out(outside_worker, alice_video):
    Job.objects.update_or_create(video=alice_video, kind="transcript", defaults={"status": "pending"})

    assert outside_worker.take("transcript") == 204


def test_a_transcript_is_stored_and_starts_what_follows(outside_worker, video, alice_client):
    answer = outside_worker.end(outside_worker.take("transcript"), transcript=CUES)

    assert answer.status_code == 200
    assert answer.json()["status"] == "completed"
    assert alice_client.get(f"/v2/videos/{ID}/transcript").json() == CUES
    statuses = {job.kind: job.status for job in video.jobs.all()}
    assert statuses == {"metadata": "pending", "transcript": "completed", "passages": "pending"}


def test_metadata_are_stored_and_make_the_video_ready(outside_worker, video):
    answer = outside_worker.end(outside_worker.take("metadata"), metadata=METADATA)

    video.refresh_from_db()
    assert answer.json()["status"] == "completed"
    assert (video.status, video.title, video.duration) == ("ready", "A title", 90.0)


def test_a_summary_is_a_task_once_its_job_waits(outside_worker, video):
    Job.objects.create(video=video, kind="summary")

    answer = outside_worker.end(outside_worker.take("summary"), summary="A film about boats.")

    video.refresh_from_db()
    assert answer.json()["status"] == "completed"
    assert video.summary == "A film about boats."


def test_a_result_is_stored_once(outside_worker, video):
    task = outside_worker.take("transcript")
    outside_worker.end(task, transcript=CUES)

    again = outside_worker.end(task, transcript=[])

    assert again.status_code == 400 and "not in progress" in again.json()["error"]["message"]
    assert Transcript.objects.get().cues.count() == 1


def test_a_result_after_the_claim_has_lapsed_is_refused(outside_worker, video):
    task = outside_worker.take("transcript")
    let_claim_lapse()

    assert outside_worker.end(task, transcript=CUES).status_code == 400

    second = outside_worker.take("transcript")
    assert second["retry_count"] == 1 and second["task_id"] != task["task_id"]
    assert outside_worker.end(task, transcript=CUES).status_code == 400
    assert outside_worker.end(second, transcript=CUES).status_code == 200


@pytest.mark.parametrize("fault", ["video", "payload", "missing", "unknown"])
def test_a_result_that_does_not_match_is_refused(outside_worker, video, fault):
    task = outside_worker.take("transcript")
    result = {
        "video": {"transcript": CUES, "video_id": "aaaaaaaaaaa"},
        "payload": {"metadata": METADATA},
        "missing": {},
        "unknown": {"transcript": CUES},
    }[fault]
    if fault == "unknown":
        task = {**task, "task_id": str(uuid.uuid4())}

    assert outside_worker.end(task, **result).status_code == (404 if fault == "unknown" else 400)
    assert not Transcript.objects.exists()


@pytest.mark.parametrize(
    ("kind", "result"),
    [
        ("transcript", {"transcript": [{"text": "x"}]}),
        ("transcript", {"transcript": "words"}),
        ("transcript", {"transcript": [{"text": "x", "offset": -1, "duration": 1}]}),
        ("metadata", {"metadata": {"duration": 3}}),
        ("metadata", {"metadata": {"title": " \u200b "}}),
        ("metadata", {"metadata": {"title": "x", "duration": "long"}}),
        ("metadata", {"metadata": {"title": "x", "view_count": True}}),
        ("metadata", {"metadata": ["x"]}),
    ],
)
def test_a_wrong_payload_is_refused_and_the_claim_is_kept(outside_worker, video, kind, result):
    task = outside_worker.take(kind)

    assert outside_worker.end(task, **result).status_code == 422
    assert Job.objects.get(kind=kind).status == "in_progress"


def test_a_failed_task_is_tried_three_times_again_and_then_fails(outside_worker, video):
    statuses = []
    for _ in range(4):
        make_due()
        task = outside_worker.take("metadata")
        answer = outside_worker.end(task, success=False, error_message="YouTube blocks <b>this</b> worker.")
        statuses.append((task["retry_count"], answer.json()["status"]))

    video.refresh_from_db()
    assert statuses == [(0, "pending"), (1, "pending"), (2, "pending"), (3, "failed")]
    assert (video.status, video.error) == ("failed", "YouTube blocks <b>this</b> worker.")


def test_a_job_whose_claims_lapse_four_times_fails(outside_worker, video):
    for _ in range(4):
        outside_worker.take("transcript")
        let_claim_lapse()

    assert outside_worker.take("transcript") == 204
    assert Job.objects.get(kind="transcript").status == "failed"


def test_the_own_worker_waits_for_the_grace(outside_worker, video):
    job = Job.objects.get(kind="transcript")
    assert queue.claim(Job, job.pk) is None

    Job.objects.filter(pk=job.pk).update(run_after=Now() - queue.timedelta(seconds=6))

    assert queue.claim(Job, job.pk) is not None
    assert outside_worker.take("transcript") == 204


def test_without_an_admin_token_the_own_worker_does_not_wait(video, settings):
    settings.ADMIN_TOKEN = ""

    assert queue.claim(Job, Job.objects.get(kind="transcript").pk) is not None


def test_the_own_worker_leaves_the_named_kinds_to_outside_workers(outside_worker, video, settings, alice_video):
    settings.OUTSIDE_JOBS = ["transcript"]
    Job.objects.update(run_after=Now() - queue.timedelta(days=1))
    upload_job, _ = Job.objects.update_or_create(
        video=alice_video, kind="transcript", defaults={"status": "pending", "run_after": Now(), "attempts": 0}
    )

    assert queue.claim(Job, Job.objects.get(kind="transcript", video=video).pk) is None
    assert queue.claim(Job, Job.objects.get(kind="metadata", video=video).pk) is not None
    assert queue.claim(Job, upload_job.pk) is not None


def test_storing_directly_completes_the_open_job_and_repeating_replaces(outside_worker, video):
    outside_worker.take("transcript")  # another worker holds it, and loses it

    first = outside_worker.post(f"videos/{ID}/transcript", {"transcript": CUES})
    again = outside_worker.post(f"videos/{ID}/transcript", {"transcript": [{**CUES[0], "text": "Bye."}]})

    assert (first.status_code, again.status_code) == (200, 200)
    assert {job["kind"]: job["status"] for job in first.json()["jobs"]}["transcript"] == "completed"
    assert outside_worker.get(f"videos/{ID}/transcript").json()[0]["text"] == "Bye."


def test_storing_adds_a_video_that_is_new(outside_worker):
    metadata = outside_worker.post("videos/aaaaaaaaaaa/metadata", {"metadata": METADATA})
    summary = outside_worker.post("videos/bbbbbbbbbbb/summary", {"summary": "Boats."})

    assert (metadata.status_code, summary.status_code) == (200, 200)
    assert metadata.json()["status"] == "ready" and summary.json()["summary"] == "Boats."
    assert Video.objects.count() == 2
    assert outside_worker.get(f"videos/{uuid.uuid4()}").status_code == 404
    assert outside_worker.post(f"videos/{uuid.uuid4()}/summary", {"summary": "x"}).status_code == 404


def test_the_metadata_of_an_upload_cannot_be_stored(outside_worker, alice_video):
    assert outside_worker.post(f"videos/{alice_video.pk}/metadata", {"metadata": METADATA}).status_code == 409


def test_a_wrong_token_is_refused(outside_worker):
    outside_worker.headers = {"Authorization": "Bearer wrong"}
    assert outside_worker.get("tasks?type=transcript").status_code == 403

    outside_worker.headers = {}
    assert outside_worker.get("tasks?type=transcript").status_code == 401


def test_a_poll_takes_two_queries_and_an_empty_one_takes_one(outside_worker, video, bob, django_assert_max_num_queries):
    with django_assert_max_num_queries(9):  # savepoints and the events to the users included
        outside_worker.take("transcript")
    with django_assert_max_num_queries(3):
        assert outside_worker.take("transcript") == 204
    assert add_video(Viewer(bob), ID)[1]
