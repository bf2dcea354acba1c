import shutil

import pytest

from accounts.models import User
from sage.jobs import worker
from videos import demo
from videos.models import Comparison, Job, Video
from videos.sandbox import runner

pytestmark = pytest.mark.django_db


@pytest.fixture
def fast_rendering(monkeypatch, clip, longer_clip):
    """Replace the rendering of the demonstration clips, which is slow, with a copy of other clips."""
    really_run = runner.run_in_sandbox

    def run(target, arguments, *more, **options):
        if target != "videos.media.demo_clips:write_demo_clips":
            return really_run(target, arguments, *more, **options)
        shutil.copy(clip, f"{arguments['folder']}/a.mp4")
        return shutil.copy(longer_clip, f"{arguments['folder']}/b.mp4")

    monkeypatch.setattr(runner, "run_in_sandbox", run)


def run_jobs():
    for job in Job.objects.order_by("created_at"):
        worker.run(Job, job.pk)


def test_the_demonstration_is_prepared_with_regular_jobs(fast_rendering, settings):
    assert not demo.prepare_demo()
    assert not demo.prepare_demo()  # still processing
    run_jobs()
    assert demo.prepare_demo()
    run_jobs()

    comparison = demo.get_demo_comparison()
    assert comparison.is_completed
    assert comparison.owner == User.objects.system()
    assert {comparison.video_a.title, comparison.video_b.title} == set(demo.TITLES.values())
    assert list(settings.SCRATCH_DIR.iterdir()) == []
    assert demo.prepare_demo()
    assert (Video.objects.count(), Comparison.objects.count()) == (2, 1)


def test_a_failed_clip_ends_the_preparation(fast_rendering):
    demo.prepare_demo()
    Video.objects.update(status=Video.Status.FAILED)

    assert demo.prepare_demo()
    assert demo.get_demo_comparison() is None


def test_two_workers_render_the_clips_once(fast_rendering):
    system = User.objects.system()

    demo._render_clips(system)
    demo._render_clips(system)

    assert Video.objects.count() == 2


WAITING = b"The demo comparison is being prepared"


def test_the_home_page_says_that_the_demonstration_comes_until_it_is_shown(client, fast_rendering):
    pages = [client.get("/").content]
    demo.prepare_demo()
    pages.append(client.get("/").content)
    run_jobs()
    demo.prepare_demo()
    pages.append(client.get("/").content)
    run_jobs()

    assert all(WAITING in page and b"data-refresh" in page for page in pages)
    shown = client.get("/").content
    assert WAITING not in shown and demo.TITLES["a"].encode() in shown


def test_the_home_page_promises_no_demonstration_that_is_disabled_or_failed(client, fast_rendering, settings):
    demo.prepare_demo()
    Video.objects.update(status=Video.Status.FAILED)
    pages = [client.get("/").content]
    Video.objects.all().delete()
    settings.DEMO = False
    pages.append(client.get("/").content)

    assert not [page for page in pages if WAITING in page or b"data-refresh" in page or b"Try this" in page]
