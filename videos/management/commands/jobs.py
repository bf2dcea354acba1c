"""`manage.py jobs`: list background jobs and retry them."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from sage.errors import ApplicationError
from sage.jobs import queue, registry
from sage.jobs.models import AbstractJob, JobQuerySet

MAX_ROWS = 200
ROW = "{:36}  {:9} {:11} {:>5} {:>8}  {}"


class Command(BaseCommand):
    """List jobs and retry those that failed or were cancelled."""

    help = "Lists background jobs, or retries those that failed or were cancelled."

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = [step.kind for model in registry.job_models() for step in registry.steps_of(model)]
        actions = parser.add_subparsers(dest="action", required=True)
        listing = actions.add_parser("list", help=f"List the newest {MAX_ROWS} jobs, open jobs first.")
        listing.add_argument("--status", choices=AbstractJob.Status.values)
        listing.add_argument("--kind", choices=kinds)
        retrying = actions.add_parser("retry", help="Retry jobs that failed or were cancelled.")
        retrying.add_argument("ids", nargs="*", metavar="ID")
        retrying.add_argument("--failed", action="store_true", help="Retry all failed jobs.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "list":
            self._list(options["status"], options["kind"])
        else:
            self._retry(options["ids"], options["failed"])

    def _list(self, status: str | None, kind: str | None) -> None:
        filters = {name: value for name, value in (("status", status), ("kind", kind)) if value}
        newest = [job for rows in _select_jobs(**filters) for job in rows[:MAX_ROWS]]
        newest = sorted(newest, key=lambda job: job.created_at, reverse=True)[:MAX_ROWS]
        self.stdout.write(ROW.format("id", "kind", "status", "tries", "progress", "subject and error"))
        for job in sorted(newest, key=lambda job: not job.is_open):
            subject = f"{job.subject}" + (f": {job.error}" if job.error else "")
            columns = (str(job.pk), job.kind, job.status, job.attempts, f"{job.progress:.0%}")
            self.stdout.write(ROW.format(*columns, subject.replace("\n", " ")))

    def _retry(self, ids: list[str], all_failed: bool) -> None:
        if bool(ids) == all_failed:
            raise CommandError("Name the jobs to retry, or use --failed to retry every failed job.")
        filters: dict[str, Any] = {"status": AbstractJob.Status.FAILED} if all_failed else {"pk__in": ids}
        try:
            jobs = [job for rows in _select_jobs(**filters) for job in rows]
        except ValidationError as error:
            raise CommandError("This is not a job ID. `manage.py jobs list` shows the IDs.") from error
        if missing := set(ids) - {str(job.pk) for job in jobs}:
            raise CommandError(f"There is no job {sorted(missing)[0]}.")
        by_subject = {(job.step.retry, job.subject): job for job in jobs}
        retried = sum(self._retry_one(job) for job in by_subject.values())
        self.stdout.write(f"Retried {retried} of {len(by_subject)}.")

    def _retry_one(self, job: AbstractJob) -> bool:
        """Retry the failed work on the subject of `job`. Return False and say why if that is not possible."""
        try:
            if job.step.retry:
                job.step.retry(job.subject)
            elif not queue.retry(type(job).rows().filter(pk=job.pk)):
                raise CommandError("This job neither failed nor was cancelled, so there is nothing to retry.")
        except (ApplicationError, CommandError) as problem:
            self.stderr.write(f"{job.subject}: {getattr(problem, 'message', problem)}")
            return False
        return True


def _select_jobs(**filters: Any) -> list[JobQuerySet[Any]]:
    """Return the jobs of each table, newest first."""
    return [
        rows.filter(kind__in=registry.kinds_of(model), **filters).with_subjects().order_by("-created_at")
        for model in registry.job_models()
        for rows in [model.rows()]
    ]
