"""Define the step that compares two videos.

Its code is named by a dotted path: only workers import it, because it imports numpy.
"""

from sage.jobs.registry import Step
from sage.storage import storage
from videos import charging, notifications
from videos.comparisons import requests
from videos.comparisons.results import announce_result
from videos.models import Comparison, Job, Notice


def settle(job: Job) -> None:
    """Notify the owner and settle the charge, in the transaction that ended `job`."""
    comparison = _comparison_of(job)
    if job.status == Job.Status.COMPLETED:
        notifications.notify(comparison, Notice.Ended.WELL)
        charging.capture(comparison)
        announce_result(comparison)
    else:
        notifications.notify(comparison, Notice.Ended.BADLY)
        charging.release(comparison)


def clean_up(job: Job) -> None:
    """Delete the stills of a comparison that was cancelled or failed; leave them if another worker runs it."""
    if Job.objects.filter(pk=job.pk, status__in=[Job.Status.CANCELLED, Job.Status.FAILED]).exists():
        storage.delete(_comparison_of(job).pictures_key)


def _comparison_of(job: Job) -> Comparison:
    assert job.comparison  # noqa: S101 - a constraint requires it
    return job.comparison


COMPARE = Step(
    model=Job,
    kind=Job.Kind.COMPARE,
    run="videos.processing.steps.compare",
    settle=settle,
    clean_up=clean_up,
    retry=requests.retry_comparison,
    label="Compare videos",
    running_label="Comparing",
    failure_message="The comparison stopped unexpectedly. Both videos are kept. Retry it.",
    limit_message="This comparison needs more time, memory or disk space than allowed. Both videos are kept. "
    "Compare shorter or smaller exports.",
)
