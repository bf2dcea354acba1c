"""What Celery runs: nudges for jobs, and housekeeping. Each is safe to run twice."""

from celery import shared_task

from videos import cleaning, demo, jobs, pipeline


@shared_task
def run_job(job_id: str) -> None:
    pipeline.run(job_id)


@shared_task
def nudge_waiting() -> None:
    jobs.nudge_waiting()


@shared_task
def clean() -> None:
    cleaning.clean()


@shared_task
def prepare_demo() -> None:
    if not demo.prepare():
        prepare_demo.apply_async(countdown=1)
