"""The Celery application. Its messages are nudges only: the job rows in PostgreSQL are the truth."""

import os
import threading
import warnings
from typing import Any

from celery import Celery
from celery.platforms import SecurityWarning
from celery.signals import worker_ready

# Jobs decode nothing in this process: that happens in a sandbox. So a worker may be root where its owner wants it so.
warnings.filterwarnings("ignore", category=SecurityWarning)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sage.settings")
app = Celery("sage")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def begin_heartbeat(sender: Any, **_: Any) -> None:
    """Let `/health` see that a worker is there, for as long as it is."""
    from sage.health import beat_forever

    queues = [queue.name for queue in sender.task_consumer.queues]
    threading.Thread(target=beat_forever, args=[queues], name="heartbeat", daemon=True).start()
