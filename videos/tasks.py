"""Define the Celery tasks of videos. Each may run twice."""

import threading
from typing import Any

from celery.signals import worker_ready
from django.utils.module_loading import import_string

from sage.celery import periodic_task, task
from sage.jobs import worker
from sage.jobs.errors import WorkerStopping
from videos import charging, demo
from videos.library import orphans, purge
from videos.models import Job
from videos.processing import reanalysis
from videos.sandbox import scratch
from videos.search import shot_vectors
from videos.youtube.errors import YouTubeUnreachable


@worker_ready.connect
def start_sweeping(**_: Any) -> None:
    """Start deleting the scratch folders of killed workers on this host."""
    threading.Thread(target=scratch.run_cleanup_loop, name="scratch", daemon=True).start()


@task()
def run_job(job_id: str) -> None:
    """Run a video job. Messages of versions before `sage.jobs.tasks.run_job` have this name."""
    worker.run(Job, job_id)


@periodic_task(every=600)
def clean() -> None:
    """Delete expired uploads, soft-deleted videos and leftover scratch folders."""
    purge.purge_expired()


@periodic_task(every=24 * 3600)
def sweep() -> None:
    """Delete stored files without a row."""
    orphans.delete_orphans()


@periodic_task(every=60)
def reread() -> None:
    """Queue the reanalysis of the next outdated video."""
    reanalysis.queue_next()


@periodic_task(every=600)
def reconcile() -> None:
    """Settle the holds of work that has ended."""
    charging.reconcile()


@task(queue="high")  # a search waits for the result
def embed_shot_query(ticket: str, user_id: str, text: str) -> None:
    """Compute the vector of a search text by the hosted model of clips."""
    shot_vectors.compute_and_reply(ticket, user_id, text)


@task(queue="low", retry_for=(YouTubeUnreachable,))
def fetch_thumbnail(video_id: str) -> None:
    """Fetch and store the thumbnail of a YouTube video."""
    import_string("videos.youtube.steps.store_thumbnail")(video_id)  # only workers import it


@task()
def prepare_demo() -> None:
    """Run the next step of the demo comparison on the home page."""
    try:
        is_done = demo.prepare_demo()
    except WorkerStopping:
        return  # the next start queues it again
    if not is_done:
        prepare_demo.apply_async(countdown=1)
