"""`manage.py jobs`: what works, waits and failed, for operators; and running it again."""

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from sage.errors import Problem
from videos import comparison, pipeline
from videos.models import Comparison, Job, Video

MOST_SHOWN = 200
ROW = "{:36}  {:9} {:11} {:>5} {:>8}  {}"


class Command(BaseCommand):
    help = "List jobs, or run again what failed or was cancelled."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        listing = actions.add_parser("list", help=f"the newest {MOST_SHOWN} jobs, those that are open first")
        listing.add_argument("--status", choices=Job.Status.values)
        listing.add_argument("--kind", choices=Job.Kind.values)
        again = actions.add_parser("retry", help="run jobs again that failed or were cancelled")
        again.add_argument("ids", nargs="*", metavar="ID")
        again.add_argument("--failed", action="store_true", help="every job that failed")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "list":
            self._list(options["status"], options["kind"])
        else:
            self._retry(options["ids"], options["failed"])

    def _list(self, status: str | None, kind: str | None) -> None:
        wanted = {name: value for name, value in (("status", status), ("kind", kind)) if value}
        jobs = Job.objects.filter(**wanted).select_related("video", "comparison__video_a", "comparison__video_b")
        shown = sorted(jobs.order_by("-created_at")[:MOST_SHOWN], key=lambda job: not job.is_open)
        self.stdout.write(ROW.format("id", "kind", "status", "tries", "progress", "of what, and what is wrong"))
        for job in shown:
            what = f"{job.video or job.comparison}" + (f": {job.error}" if job.error else "")
            facts = (str(job.pk), job.kind, job.status, job.attempts, f"{job.progress:.0%}", what.replace("\n", " "))
            self.stdout.write(ROW.format(*facts))

    def _retry(self, ids: list[str], failed: bool) -> None:
        if bool(ids) == failed:
            raise CommandError("Name the jobs to retry, or say --failed for all that failed.")
        chosen = Job.objects.select_related("video", "comparison")
        try:
            jobs = list(chosen.filter(status=Job.Status.FAILED) if failed else chosen.filter(pk__in=ids))
        except ValidationError as error:
            raise CommandError("An id of a job looks as `manage.py jobs list` shows it.") from error
        if missing := set(ids) - {str(job.pk) for job in jobs}:
            raise CommandError(f"There is no job {sorted(missing)[0]}.")
        videos = {job.video for job in jobs if job.video}
        comparisons = {job.comparison for job in jobs if job.comparison}
        again = sum(self._again(pipeline.retry, video) for video in videos)
        again += sum(self._again(comparison.retry, one) for one in comparisons)
        self.stdout.write(f"{again} of {len(videos) + len(comparisons)} run again.")

    def _again(self, retry: Callable[[Any], None], subject: Video | Comparison) -> bool:
        try:
            retry(subject)
        except Problem as problem:
            self.stderr.write(f"{subject}: {problem.message}")
            return False
        return True
