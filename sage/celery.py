"""Create the Celery application and collect the tasks that apps declare.

Celery messages are hints only: the job rows in PostgreSQL are authoritative. Each app declares in its `tasks.py` with
`@task(queue=...)` what its code queues and with `@periodic_task(every=...)` what beat queues. Code that queues a task
by name, without importing `tasks`, passes the queue to `send_task`.
"""

import functools
import logging
import os
import threading
import warnings
from collections.abc import Callable
from typing import Any

from celery import Celery, shared_task
from celery.platforms import SecurityWarning
from celery.signals import worker_ready

from sage.jobs import broker
from sage.outages import find_outage

# A worker may run as root, because it decodes videos only in a sandbox.
warnings.filterwarnings("ignore", category=SecurityWarning)
broker.install()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sage.settings")
app = Celery("sage")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["sage.jobs"])

log = logging.getLogger(__name__)
DEFAULT_QUEUE = "medium"
RETRIES = 5  # of a task with `retry_for`
RETRY_SECONDS = 10  # the longest pause before the first retry; it doubles with every retry
LONGEST_EXPIRY_SECONDS = 3600.0  # of the messages of periodic tasks
queues: dict[str, str] = {}  # by task name
beat_schedule: dict[str, dict[str, Any]] = {}  # by task name


def find_route(name: str, *_: Any, **__: Any) -> dict[str, str] | None:
    """Return the queue of a declared task; None for a task that was queued by name only."""
    return {"queue": queues[name]} if name in queues else None


# Both are read after Celery has imported the apps' `tasks` modules, which fill them.
app.conf.task_routes = (find_route,)
app.conf.beat_schedule = beat_schedule


def task(
    *, queue: str = DEFAULT_QUEUE, retry_for: tuple[type[Exception], ...] = ()
) -> Callable[[Callable[..., None]], Any]:
    """Declare a task and its queue: high, medium or low.

    It is repeated after the errors `retry_for`. Any other task that fails because a server is unavailable ends with one
    line in the log: the next message of its kind does its work, and another message could not be sent now.
    """

    def declare(function: Callable[..., None]) -> Any:
        name = f"{function.__module__}.{function.__name__}"
        queues[name] = queue
        if not retry_for:
            return shared_task(name=name)(_skip_during_outage(function))
        retries = {"autoretry_for": retry_for, "max_retries": RETRIES, "retry_backoff": RETRY_SECONDS}
        retries["throws"] = retry_for  # the last of these errors is one line in the log
        return shared_task(name=name, **retries)(function)

    return declare


def _skip_during_outage(function: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(function)
    def run(*arguments: Any, **named: Any) -> None:
        try:
            function(*arguments, **named)
        except Exception as error:
            if find_outage(error) is None:
                raise
            log.warning("%s was skipped: %s", function.__name__, str(error).strip() or type(error).__name__)

    return run


def periodic_task(*, every: float, queue: str = "low") -> Callable[[Callable[[], None]], Any]:
    """Declare a task that beat queues every `every` seconds.

    A message expires before the next one is sent, so messages do not pile up while no worker runs. A run that fails
    because a server is unavailable ends with one line in the log, because the next one does its work.
    """

    def declare(function: Callable[[], None]) -> Any:
        declared = task(queue=queue)(function)
        expires = min(float(every), LONGEST_EXPIRY_SECONDS)
        name = f"{function.__module__}.{function.__name__}"
        beat_schedule[name] = {"task": name, "schedule": float(every), "options": {"expires": expires}}
        return declared

    return declare


@worker_ready.connect
def start_heartbeat(sender: Any, **_: Any) -> None:
    """Report this worker's queues to `/health` while it runs."""
    from sage.health import beat_forever

    queues = [queue.name for queue in sender.task_consumer.queues]
    threading.Thread(target=beat_forever, args=[queues], name="heartbeat", daemon=True).start()
