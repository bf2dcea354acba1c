"""Let outside workers take jobs over HTTP.

An app registers a `TaskType` for each kind of job that it gives out, and puts its `Offer` into the step. A waiting
worker is woken by a token in Redis: one token for each job, so that a job wakes one of many workers. A token may be
lost, because workers also look at the table when their request begins and every `RECHECK_SECONDS`.
"""

import asyncio
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from redis.asyncio import Redis
from redis.exceptions import RedisError

from sage.errors import BadRequest, NotFound
from sage.jobs import queue
from sage.jobs.models import AbstractJob, JobQuerySet
from sage.jobs.registry import Save, Step
from sage.redis_client import get_client

log = logging.getLogger(__name__)
J = TypeVar("J", bound=AbstractJob)

TASK_NAMES = ("transcript", "metadata", "ai_note", "summary")
LEASE = timedelta(seconds=120)
GRACE_SECONDS = 5  # that outside workers have before the site's own workers take a job
FIRST_WAIT_SECONDS = 30  # before the site tries again what it could not do; doubles each time
LONGEST_WAIT_SECONDS = 3600
WAIT_STEPS = 8  # after which the wait no longer grows: 30 * 2**7 is more than an hour
RECHECK_SECONDS = 15  # between two looks at the table of a waiting request
OUTAGE_RECHECK_SECONDS = 3  # the same while Redis is unavailable
MAX_TOKENS = 1000  # for each task type, if no worker waits
TOKEN_SECONDS = 120  # after which tokens that no worker took expire
KEPT_CLAIMS = 5  # of a job; the column holds 200 characters
REDIS_TIMEOUT_SECONDS = 5


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Which jobs of a step are given out as tasks named `name`.

    `condition` selects their rows, and `applies` tells it of one job.
    """

    name: str
    condition: Q
    applies: Callable[[Any], bool]

    def match_own_jobs(self) -> Q:
        """Return the condition for jobs that the site's own workers may claim now.

        Jobs named in OUTSIDE_JOBS are left to outside workers. The others wait for the grace, and longer each time that
        the site could not do them.
        """
        if self.name in settings.OUTSIDE_JOBS:
            return ~self.condition
        due = Q(pk__in=[])
        grace = GRACE_SECONDS if settings.ADMIN_TOKEN else 0
        for waits in range(WAIT_STEPS + 1):
            longer = min(FIRST_WAIT_SECONDS * 2 ** (waits - 1), LONGEST_WAIT_SECONDS) if waits else 0
            number = {"waits": waits} if waits < WAIT_STEPS else {"waits__gte": waits}
            due |= Q(**number, run_after__lte=Now() - timedelta(seconds=grace + longer))
        return ~self.condition | due

    def announce(self, job: Any) -> float:
        """Wake an outside worker when this transaction commits. Return the seconds that the site's workers wait."""
        if not self.applies(job) or not settings.ADMIN_TOKEN:
            return 0
        transaction.on_commit(partial(push_token, self.name), robust=True)
        return GRACE_SECONDS


@dataclass(frozen=True, kw_only=True)
class TaskType(Generic[J]):
    """A kind of task that outside workers do.

    `describe` returns the `task_details`. `read_result` checks the value of `payload` in a result and returns the
    function that stores it; the queue calls that in the transaction that completes the job. It raises an
    `ApplicationError` for a wrong value. `identify` returns the `video_id` that the result must repeat.
    """

    step: Step[J]
    payload: str
    message: str
    describe: Callable[[J], dict[str, Any]]
    identify: Callable[[J], str]
    read_result: Callable[[J, Any], Save]

    @property
    def name(self) -> str:
        assert self.step.offer is not None  # noqa: S101 - every task type has one
        return self.step.offer.name

    def select_jobs(self) -> JobQuerySet[Any]:
        """Return the jobs that may be given out, the oldest first."""
        assert self.step.offer is not None  # noqa: S101 - every task type has one
        rows = self.step.model.rows().filter(self.step.offer.condition, kind=self.step.kind)
        return rows.order_by("run_after", "created_at")


_types: dict[str, TaskType[Any]] = {}


def register(*types: TaskType[Any]) -> None:
    """Add task types. Call it in `AppConfig.ready()`. Raises ValueError if a name is unknown or taken."""
    for one in types:
        if one.name not in TASK_NAMES or _types.setdefault(one.name, one) is not one:
            raise ValueError(f"The task type {one.name} is unknown, or two have this name.")


def claim_task(name: str) -> tuple[TaskType[Any], Any] | None:
    """Take the oldest job of a task type for 120 s. None if no job waits, or if no app has registered the type."""
    kind = _types.get(name)
    job = queue.claim_first(kind.select_jobs().with_subjects(), LEASE, KEPT_CLAIMS) if kind else None
    return None if kind is None or job is None else (kind, job)


def find_task(task_id: uuid.UUID) -> tuple[TaskType[Any], Any]:
    """Return the job of a claim. Raises `NotFound`, and `BadRequest` if the claim has ended or lapsed."""
    for kind in _types.values():
        job = kind.select_jobs().with_subjects().filter(lease=task_id, lease_expires_at__gt=Now()).first()
        if job is not None:
            return kind, job
    if any(kind.select_jobs().filter(external_id__contains=str(task_id)).exists() for kind in _types.values()):
        raise BadRequest("This task is not in progress. It has ended, or its claim has lapsed. Take another task.")
    raise NotFound("There is no such task.")


def complete_task(kind: TaskType[Any], job: Any, result: Any) -> str:
    """Store the result of a task. Return the status of its job. Raises an `ApplicationError` for a wrong result."""
    if not queue.complete(job, kind.read_result(job, result)):
        raise BadRequest("The claim of this task has lapsed. Nothing was stored.")
    return AbstractJob.Status.COMPLETED


def fail_task(job: Any, reason: str) -> str:
    """Record that a task failed. Return the status of its job: `pending` if it is tried again, else `failed`."""
    if job.attempts >= queue.MAX_ATTEMPTS:
        status, is_held = AbstractJob.Status.FAILED, queue.fail(job, reason)
    else:
        status, is_held = AbstractJob.Status.PENDING, queue.retry_later(job, reason)
    if not is_held:
        raise BadRequest("The claim of this task has lapsed. Nothing was stored.")
    return status


# --- Wake-up tokens ---


def _token_key(name: str) -> str:
    return f"outside:{name}"


def push_token(name: str) -> None:
    """Wake one outside worker that waits for a task of this type."""
    try:
        with get_client(settings.REDIS_URL, REDIS_TIMEOUT_SECONDS).pipeline(transaction=False) as pipeline:
            pipeline.rpush(_token_key(name), 1)
            pipeline.ltrim(_token_key(name), 0, MAX_TOKENS - 1)
            pipeline.expire(_token_key(name), TOKEN_SECONDS)
            pipeline.execute()
    except (RedisError, OSError) as error:
        log.warning("outside: could not announce a %s task: %s", name, error)


async def wait_for_token(name: str, seconds: float) -> None:
    """Wait until a task of this type is announced, at most `seconds`, and no longer than `RECHECK_SECONDS`."""
    seconds = max(0.05, min(seconds, RECHECK_SECONDS))
    client = Redis.from_url(settings.REDIS_URL, socket_connect_timeout=3, socket_timeout=seconds + 5)
    try:
        await client.blpop([_token_key(name)], timeout=seconds)
    finally:
        await client.aclose()


async def wait_for_outage(seconds: float) -> None:
    """Wait until the table is looked at again while Redis is unavailable, at most `seconds`."""
    await asyncio.sleep(max(0.05, min(seconds, OUTAGE_RECHECK_SECONDS)))
