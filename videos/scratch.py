"""Where a job works on files of its own: a folder named for one claim, which goes when the job ends.

A worker that is killed leaves its folder behind. Whoever works on the same machine removes it as soon as the claim is
nobody's any more.
"""

import logging
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from videos import jobs
from videos.models import Job

log = logging.getLogger(__name__)

UNNAMED_LIVES_SECONDS = 24 * 3600  # of a folder that no claim is named by
SWEEP_SECONDS = 10
_UUID_LENGTH = 36


@contextmanager
def folder_for(job: Job) -> Iterator[Path]:
    """An empty folder for one claim of a job."""
    folder = Path(settings.SCRATCH_DIR) / f"{job.pk}-{job.lease}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep() -> None:
    """Remove the folders of claims that are over, and other folders by their age."""
    named: dict[uuid.UUID, Path] = {}
    for folder in Path(settings.SCRATCH_DIR).glob("*"):
        try:
            named[uuid.UUID(folder.name[_UUID_LENGTH + 1 :])] = folder
        except ValueError:
            with suppress(FileNotFoundError):  # whoever made it may be done with it by now
                if folder.stat().st_mtime < time.time() - UNNAMED_LIVES_SECONDS:
                    shutil.rmtree(folder, ignore_errors=True)
    if not named:
        return
    # A claim is committed before its folder is made, so a folder that was seen here has its row by now.
    held = Job.objects.filter(status=Job.Status.IN_PROGRESS, lease__in=named).values_list("lease", flat=True)
    for lease in named.keys() - set(held):
        shutil.rmtree(named[lease], ignore_errors=True)


def sweep_forever() -> None:
    """In each worker, until it shuts down."""
    while not jobs.stopping.wait(SWEEP_SECONDS):
        try:
            sweep()
        except (DatabaseError, OSError) as error:  # it may pass
            log.warning("scratch: %s", error)
        finally:
            connection.close()
