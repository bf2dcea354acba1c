"""Define the Celery tasks of the job queue."""

from typing import Any

from celery.signals import worker_shutting_down

from sage.celery import periodic_task, task
from sage.jobs import queue, registry, shutdown, worker


@worker_shutting_down.connect
def stop_jobs(**_: Any) -> None:
    """Return running jobs to the queue, so that the worker stops without delay."""
    shutdown.requested.set()


@task()
def run_job(label: str, job_id: str) -> None:
    """Run the job with this ID of the table with this label ("videos.job")."""
    worker.run(registry.model_of(label), job_id)


@periodic_task(every=60)
def clean_up_cancelled() -> None:
    """Cancel the tasks at providers of cancelled jobs."""
    queue.clean_up_cancelled_jobs()


@periodic_task(every=5, queue="high")
def nudge_waiting() -> None:
    """Send wake-up messages for jobs whose message was lost or whose worker died.

    The queue low waits while long jobs occupy every thread, and short jobs must not wait with it.
    """
    queue.wake_for_waiting_jobs()
