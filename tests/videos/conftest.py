"""Fixtures with small clips, and with videos and comparisons made from them."""

from pathlib import Path

import numpy as np
import pytest

from tests import footage


@pytest.fixture(scope="session")
def clip(tmp_path_factory) -> Path:
    """Render two seconds of real footage, 160 by 90, at 20 frames per second."""
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    footage.write(path, footage.pixels("bikes", 160, 90)[:40], rate=20)
    return path


@pytest.fixture(scope="session")
def longer_clip(tmp_path_factory) -> Path:
    """Render the same clip with an inserted second of other footage after the first second."""
    path = tmp_path_factory.mktemp("clips") / "longer.mp4"
    bikes, bunny = footage.pixels("bikes", 160, 90), footage.pixels("bigbuckbunny", 160, 90)
    footage.write(path, np.concatenate([bikes[:20], bunny[:20], bikes[20:40]]), rate=20)
    return path


@pytest.fixture
def make_video(db):
    """Return a function that creates a video from a file like an upload. With `run`, it also runs the jobs."""
    from sage.jobs import worker
    from sage.storage import storage
    from videos.models import Job
    from videos.uploads.acceptance import StoredFile, create_video
    from videos.uploads.announcement import build_storage_key

    def make(owner, path, name=None, run=False):
        key = build_storage_key(name or path.name)
        storage.put_file(key, path)
        video = create_video(StoredFile(owner, name or path.name, "video/mp4", path.stat().st_size, key))
        for job in video.jobs.all() if run else []:
            worker.run(Job, job.pk)
        video.refresh_from_db()
        return video

    return make


@pytest.fixture(scope="session")
def result_cache(tmp_path_factory):
    from tests.videos.job_results import ResultCache

    return ResultCache(tmp_path_factory.mktemp("results"))


@pytest.fixture
def alice_video(result_cache, alice, clip, make_video):
    from videos.models import Video

    result_cache.restore("video", alice, lambda: make_video(alice, clip, run=True))
    return Video.objects.get(owner=alice)


@pytest.fixture
def alice_pair(result_cache, alice, clip, longer_clip, make_video):
    from videos.models import Video

    def make():
        make_video(alice, clip, run=True)
        make_video(alice, longer_clip, run=True)

    result_cache.restore("pair", alice, make)
    return Video.objects.get(owner=alice, title="clip"), Video.objects.get(owner=alice, title="longer")


@pytest.fixture
def alice_comparison(result_cache, alice, alice_pair):
    from accounts.viewer import Viewer
    from sage.jobs import worker
    from videos.comparisons import requests
    from videos.models import Comparison, Job

    result_cache.restore(
        "comparison", alice, lambda: worker.run(Job, requests.create_comparison(Viewer(alice), *alice_pair).job.pk)
    )
    return Comparison.objects.with_videos().get(owner=alice)


@pytest.fixture
def inserted_index(alice_comparison) -> int:
    """Return the index of the inserted second among the stored segments of Alice's comparison."""
    return [segment["op"] for segment in alice_comparison.script["segments"]].index("inserted")
