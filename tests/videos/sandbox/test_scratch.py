import os
import time
from contextlib import suppress

import pytest

from sage.jobs import queue
from sage.jobs.errors import DiskFull
from videos.library import purge
from videos.models import Job, Video
from videos.sandbox import scratch

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(alice):
    video = Video.objects.create(owner=alice, title="v", filename="v.mp4", size=1, storage_key="videos/v")
    return queue.claim(Job, Job.objects.create(video=video, kind=Job.Kind.PROBE).pk)


def test_a_job_folder_is_deleted_when_the_job_ends(held):
    with suppress(RuntimeError), scratch.open_job_folder(held) as folder:
        (folder / "copy").write_bytes(b"many")
        raise RuntimeError

    assert not folder.exists()


def test_a_job_waits_if_its_files_would_use_the_reserve_of_the_disk(held, settings):
    settings.DISK_RESERVE_BYTES = 10**18

    with pytest.raises(DiskFull), scratch.open_job_folder(held):
        pass
    assert not list(settings.SCRATCH_DIR.iterdir())


def test_the_folder_of_a_killed_worker_is_deleted_when_its_lease_ends(held, settings):
    folder = settings.SCRATCH_DIR / f"{held.pk}-{held.lease}"
    folder.mkdir()

    scratch.delete_stale_folders()
    assert folder.exists()

    queue.retry_later(held)  # ends this lease, as a claim by another worker does
    purge.purge_expired()
    assert not folder.exists()


def test_a_folder_without_a_job_is_deleted_by_age(settings, db):
    old, fresh = settings.SCRATCH_DIR / "demo-old", settings.SCRATCH_DIR / "demo-fresh"
    old.mkdir()
    fresh.mkdir()
    long_ago = time.time() - scratch.UNCLAIMED_LIFETIME_SECONDS - 60
    os.utime(old, (long_ago, long_ago))

    scratch.delete_stale_folders()

    assert list(settings.SCRATCH_DIR.iterdir()) == [fresh]


def test_deeply_nested_folders_are_deleted(tmp_path):
    """Put folders into each other until they are deeper than a path can be and than functions can call themselves."""
    for number in range(4):
        innermost = tmp_path / f"{number}"
        innermost.mkdir()
        for _ in range(800):
            innermost /= "d"
            innermost.mkdir()
        if number:
            (tmp_path / "deep").rename(innermost / "deep")
        (tmp_path / f"{number}").rename(tmp_path / "deep")

    scratch.delete_folder(tmp_path / "deep")

    assert not (tmp_path / "deep").exists()


def test_a_link_in_a_folder_is_deleted_without_its_target(tmp_path):
    folder, target = tmp_path / "folder", tmp_path / "target"
    (folder / "below").mkdir(parents=True)
    target.mkdir()
    (target / "film").write_bytes(b"film")
    (folder / "below" / "link").symlink_to(target)

    scratch.delete_folder(folder)

    assert (target / "film").exists() and not folder.exists()
