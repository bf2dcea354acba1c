"""Small clips, and videos made from them."""

from pathlib import Path

import numpy as np
import pytest

from tests import footage


@pytest.fixture(scope="session")
def clip(tmp_path_factory) -> Path:
    """Two seconds of real footage, 160 by 90, 20 frames a second."""
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    footage.write(path, footage.pixels("bikes", 160, 90)[:40], rate=20)
    return path


@pytest.fixture(scope="session")
def longer_clip(tmp_path_factory) -> Path:
    """The same with a second of other footage put in after the first second."""
    path = tmp_path_factory.mktemp("clips") / "longer.mp4"
    bikes, bunny = footage.pixels("bikes", 160, 90), footage.pixels("bigbuckbunny", 160, 90)
    footage.write(path, np.concatenate([bikes[:20], bunny[:20], bikes[20:40]]), rate=20)
    return path


@pytest.fixture
def make_video(db):
    """Make a video of a file as an upload would; with `run`, its jobs are done right here."""
    from sage.storage import storage
    from videos import worker
    from videos.announced import storage_key
    from videos.arrived import Arrived, accept

    def make(owner, path, name=None, run=False):
        key = storage_key(name or path.name)
        storage.put_file(key, path)
        video = accept(Arrived(owner, name or path.name, "video/mp4", path.stat().st_size, key))
        for job in video.jobs.all() if run else []:
            worker.run(job.pk)
        video.refresh_from_db()
        return video

    return make


@pytest.fixture(scope="session")
def memory(tmp_path_factory):
    from tests.videos.memory import Memory

    return Memory(tmp_path_factory.mktemp("memory"))


@pytest.fixture
def alices_video(memory, alice, clip, make_video):
    from videos.models import Video

    memory.recall("video", alice, lambda: make_video(alice, clip, run=True))
    return Video.objects.get(owner=alice)


@pytest.fixture
def alices_pair(memory, alice, clip, longer_clip, make_video):
    from videos.models import Video

    def make():
        make_video(alice, clip, run=True)
        make_video(alice, longer_clip, run=True)

    memory.recall("pair", alice, make)
    return Video.objects.get(owner=alice, title="clip"), Video.objects.get(owner=alice, title="longer")


@pytest.fixture
def alices_comparison(memory, alice, alices_pair):
    from accounts.viewer import Viewer
    from videos import comparison, worker
    from videos.models import Comparison

    memory.recall("comparison", alice, lambda: worker.run(comparison.compare(Viewer(alice), *alices_pair).job.pk))
    return Comparison.objects.with_sides().get(owner=alice)


@pytest.fixture
def inserted(alices_comparison) -> int:
    """The place of the inserted second among the stored segments of Alice's comparison."""
    return [segment["op"] for segment in alices_comparison.script["segments"]].index("inserted")
