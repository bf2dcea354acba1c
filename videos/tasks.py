"""What Celery runs: nudges for jobs, and housekeeping. Each is safe to run twice."""

import threading
from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutting_down

from videos import charging, cleaning, demo, jobs, orphans, rereading, scratch, worker


@worker_ready.connect
def begin_sweeping(**_: Any) -> None:
    """Every machine has scratch of its own, so each worker sees to that of the ones before it."""
    threading.Thread(target=scratch.sweep_forever, name="scratch", daemon=True).start()


@worker_shutting_down.connect
def let_go(**_: Any) -> None:
    """Whoever works on something here puts it back at once, so that Ctrl-C waits for no decoder."""
    jobs.stopping.set()


@shared_task
def run_job(job_id: str) -> None:
    worker.run(job_id)


@shared_task
def nudge_waiting() -> None:
    jobs.nudge_waiting()


@shared_task
def clean() -> None:
    cleaning.clean()


@shared_task
def sweep() -> None:
    orphans.sweep()


@shared_task
def reread() -> None:
    rereading.reread()


@shared_task
def reconcile() -> None:
    charging.reconcile()


@shared_task
def prepare_demo() -> None:
    try:
        done = demo.prepare()
    except jobs.Stopping:
        return  # the next start asks again
    if not done:
        prepare_demo.apply_async(countdown=1)
