"""The job that has TwelveLabs compute the clip vectors of a video."""

import pytest

from sage.jobs import worker
from videos.models import Embedding, Job, Video

pytestmark = pytest.mark.django_db(transaction=True)
MODEL = "twelvelabs:marengo3.0"


def run_clips(video, times=10) -> Job:
    """Run the job until it ends, at most `times`."""
    job = video.jobs.get(kind=Job.Kind.CLIPS)
    for _ in range(times):
        Job.objects.filter(pk=job.pk, status=Job.Status.PENDING).update(run_after=job.created_at)
        worker.run(Job, job.pk)
        job.refresh_from_db()
        if not job.is_open:
            break
    video.refresh_from_db()
    return job


def test_an_upload_is_ready_when_its_clips_have_vectors(twelvelabs, alice, clip, make_video):
    twelvelabs.polls = 3
    video = make_video(alice, clip, run=True)
    assert video.status == Video.Status.PROCESSING

    job = run_clips(video)

    assert (job.status, job.error, video.status) == (Job.Status.COMPLETED, "", Video.Status.READY)
    rows = video.embeddings.filter(model=MODEL)
    assert [(row.scope, row.dimensions, row.start, row.end) for row in rows.order_by("scope")] == [
        ("clip", 512, 0.0, 2.0),
        ("video", 512, None, None),
    ]
    assert (twelvelabs.count("create task"), twelvelabs.count("read task")) == (1, 3)
    assert Embedding.objects.filter(video=video, model="sage-perceptual-1").count() == 2
