"""The migration that marks jobs stopped by a deletion."""

from importlib import import_module

import pytest
from django.apps import apps

from accounts.viewer import Viewer
from videos.library import deletion
from videos.models import Job

pytestmark = pytest.mark.django_db


def test_a_video_deleted_before_the_migration_resumes_when_it_is_restored(alice, clip, make_video, alice_comparison):
    reading = make_video(alice, clip, "other.mp4")
    for video in (reading, alice_comparison.video_a):
        Job.objects.filter(comparison=alice_comparison).update(status=Job.Status.IN_PROGRESS)
        deletion.delete_video(video)
    Job.objects.update(stopped_by_deletion=False)

    import_module("videos.migrations.0011_stopped_by_deletion").mark(apps, None)

    for video in (reading, alice_comparison.video_a):
        deletion.restore_video(Viewer(alice), video.pk)
    assert set(reading.jobs.values_list("status", flat=True)) == {Job.Status.PENDING}
    assert Job.objects.get(comparison=alice_comparison).status == Job.Status.PENDING
