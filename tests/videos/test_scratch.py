import os
import time
from contextlib import suppress

import pytest

from videos import cleaning, jobs, scratch
from videos.models import Job, Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(alice):
    video = Video.objects.create(owner=alice, title="v", filename="v.mp4", size=1, storage_key="videos/v")
    return jobs.claim(Job.objects.create(video=video, kind=Job.Kind.PROBE).pk)


def test_a_folder_goes_with_its_job_however_that_ends(held):
    with suppress(RuntimeError), scratch.folder_for(held) as folder:
        (folder / "copy").write_bytes(b"many")
        raise RuntimeError

    assert not folder.exists()


def test_what_a_killed_worker_left_goes_once_its_claim_is_over(held, settings):
    folder = settings.SCRATCH_DIR / f"{held.pk}-{held.lease}"
    folder.mkdir()

    scratch.sweep()
    assert folder.exists()

    jobs.put_back(held)  # as when another worker claims it: this lease is nobody's
    cleaning.clean()
    assert not folder.exists()


def test_what_no_claim_names_goes_by_age(settings, db):
    old, fresh = settings.SCRATCH_DIR / "demo-old", settings.SCRATCH_DIR / "demo-fresh"
    old.mkdir()
    fresh.mkdir()
    long_ago = time.time() - scratch.UNNAMED_LIVES_SECONDS - 60
    os.utime(old, (long_ago, long_ago))

    scratch.sweep()

    assert list(settings.SCRATCH_DIR.iterdir()) == [fresh]
