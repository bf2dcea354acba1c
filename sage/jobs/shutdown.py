"""Let the jobs of this process stop when the worker shuts down."""

import threading

from sage.jobs.errors import WorkerStopping

requested = threading.Event()


def check() -> None:
    """Raise `WorkerStopping` if the worker is shutting down."""
    if requested.is_set():
        raise WorkerStopping
