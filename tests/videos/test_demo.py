import shutil

import pytest

from accounts.models import User
from videos import demo, sandbox, worker
from videos.models import Comparison, Job, Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def drawn(monkeypatch, clip, longer_clip):
    """Other clips in the place of the drawn ones, which take a while; the drawing has a test of its own."""
    really_run = sandbox.run

    def run(target, arguments, *more, **options):
        if target != "videos.media.scene:render":
            return really_run(target, arguments, *more, **options)
        shutil.copy(clip, f"{arguments['folder']}/a.mp4")
        return shutil.copy(longer_clip, f"{arguments['folder']}/b.mp4")

    monkeypatch.setattr(sandbox, "run", run)


def work():
    for job in Job.objects.order_by("created_at"):
        worker.run(job.pk)


def test_it_is_made_step_by_step_like_any_other_comparison(drawn, settings):
    assert not demo.prepare()
    assert not demo.prepare()  # still being read
    work()
    assert demo.prepare()
    work()

    shown = demo.comparison()
    assert shown.is_completed
    assert shown.owner == User.objects.system()
    assert {shown.video_a.title, shown.video_b.title} == set(demo.TITLES.values())
    assert list(settings.SCRATCH_DIR.iterdir()) == []
    assert demo.prepare()
    assert (Video.objects.count(), Comparison.objects.count()) == (2, 1)


def test_a_clip_that_fails_ends_it(drawn):
    demo.prepare()
    Video.objects.update(status=Video.Status.FAILED)

    assert demo.prepare()
    assert demo.comparison() is None


def test_two_workers_draw_it_once(drawn):
    system = User.objects.system()

    demo._draw(system)
    demo._draw(system)

    assert Video.objects.count() == 2
