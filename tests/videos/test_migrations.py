"""What happens to rows that were there before."""

from importlib import import_module

import pytest
from django.apps import apps

from accounts.viewer import Viewer
from videos import cleaning, library
from videos.models import Job

pytestmark = pytest.mark.django_db


def test_a_video_that_was_deleted_before_goes_on_when_it_is_restored(alice, clip, make_video, alices_comparison):
    reading = make_video(alice, clip, "other.mp4")
    for video in (reading, alices_comparison.video_a):
        Job.objects.filter(comparison=alices_comparison).update(status=Job.Status.IN_PROGRESS)
        cleaning.delete(video)
    Job.objects.update(stopped_by_deletion=False)

    import_module("videos.migrations.0011_stopped_by_deletion").mark(apps, None)

    for video in (reading, alices_comparison.video_a):
        library.restore(Viewer(alice), video.pk)
    assert set(reading.jobs.values_list("status", flat=True)) == {Job.Status.PENDING}
    assert Job.objects.get(comparison=alices_comparison).status == Job.Status.PENDING
