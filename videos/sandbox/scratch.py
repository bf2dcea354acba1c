"""Manage the scratch folders of jobs.

A folder is named for one claim of a job and deleted when the claim ends. A killed worker leaves its folder behind, and
the other workers on the machine delete it once the claim is over.
"""

import logging
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from sage.jobs import queue, shutdown
from sage.jobs.errors import DiskFull
from sage.jobs.models import AbstractJob
from sage.processes.private_folders import create_below
from sage.storage.free_space import measure_usable_bytes

log = logging.getLogger(__name__)

UNCLAIMED_LIFETIME_SECONDS = 24 * 3600  # age at which a folder without the name of a claim is deleted
CLEANUP_INTERVAL_SECONDS = 10
_UUID_LENGTH = 36


@contextmanager
def open_job_folder(job: AbstractJob) -> Iterator[Path]:
    """Create an empty folder for one claim of a job, and delete it at the end.

    Raises `DiskFull`, which postpones the job, if its files would use the reserve of the disk.
    """
    folder = Path(settings.SCRATCH_DIR) / f"{job.pk}-{job.lease}"
    create_below(Path(settings.SCRATCH_DIR), folder)
    try:
        if not measure_usable_bytes(folder, settings.DISK_RESERVE_BYTES):
            raise DiskFull
        yield folder
    finally:
        delete_folder(folder)


@contextmanager
def open_folder(name: str) -> Iterator[Path]:
    """Create an empty folder for work without a job, and delete it at the end."""
    folder = Path(settings.SCRATCH_DIR) / f"{name}-{uuid.uuid4().hex}"
    create_below(Path(settings.SCRATCH_DIR), folder)
    try:
        yield folder
    finally:
        delete_folder(folder)


def delete_stale_folders() -> None:
    """Delete the folders of ended claims, and other folders by their age."""
    named: dict[uuid.UUID, Path] = {}
    for folder in Path(settings.SCRATCH_DIR).glob("*"):
        try:
            named[uuid.UUID(folder.name[_UUID_LENGTH + 1 :])] = folder
        except ValueError:
            with suppress(FileNotFoundError):  # its process may delete it first
                if folder.stat().st_mtime < time.time() - UNCLAIMED_LIFETIME_SECONDS:
                    delete_folder(folder)
    if not named:
        return
    # A claim is committed before its folder is created, so the row of every folder found above exists.
    for lease in named.keys() - queue.find_live_leases(named):
        delete_folder(named[lease])


def delete_folder(folder: Path) -> None:
    """Delete a folder with its contents. Does not raise: what is left is deleted by the next cleanup.

    A hostile decoder can nest folders deeper than `shutil.rmtree` can follow. Therefore all levels below the first are
    moved up one level after the other.
    """
    with suppress(OSError):
        while subfolders := _delete_files(folder):
            for subfolder in subfolders:
                for deeper in _delete_files(subfolder):
                    deeper.rename(folder / uuid.uuid4().hex)
                subfolder.rmdir()
        folder.rmdir()


def _delete_files(folder: Path) -> list[Path]:
    """Delete the files of a folder and return its subfolders. Links are deleted, not followed."""
    subfolders = []
    with os.scandir(folder) as entries:
        for entry in list(entries):
            if entry.is_dir(follow_symlinks=False):
                subfolders.append(Path(entry.path))
            else:
                Path(entry.path).unlink(missing_ok=True)
    return subfolders


def run_cleanup_loop() -> None:
    """Delete stale folders in every worker until it shuts down."""
    while not shutdown.requested.wait(CLEANUP_INTERVAL_SECONDS):
        try:
            delete_stale_folders()
        except (DatabaseError, OSError) as error:  # a temporary error; the next run tries again
            log.warning("scratch: %s", error)
        finally:
            connection.close()
