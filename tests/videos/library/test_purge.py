from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.viewer import Viewer
from sage.storage import storage
from videos.library import deletion, purge, queries
from videos.models import Comparison, Upload, Video
from videos.uploads import multipart
from videos.uploads.announcement import UploadAnnouncement

pytestmark = pytest.mark.django_db


def test_an_expired_upload_is_deleted_with_its_parts(alice):
    old, fresh = (
        multipart.start_upload(Viewer(alice), UploadAnnouncement(f"{name}.mp4", 10)) for name in ("old", "fresh")
    )
    Upload.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(minutes=1))

    purge.purge_expired()

    assert list(Upload.objects.all()) == [fresh]
    assert [folder.name for folder in (storage.root / "uploads").iterdir()] == [fresh.parts_id]


def test_a_deleted_video_is_purged_after_the_restore_period(alice_comparison):
    video = alice_comparison.video_a
    deletion.delete_video(video)

    purge.purge_expired()
    assert storage.stat(video.storage_key).size

    Video.all_objects.filter(pk=video.pk).update(
        deleted_at=timezone.now() - queries.get_restore_period() - timedelta(hours=1)
    )
    purge.purge_expired()
    assert not Video.all_objects.filter(pk=video.pk).exists()
    assert not Comparison.all_objects.exists()
    for key in (video.storage_key, f"derived/{video.pk}", f"comparisons/{alice_comparison.pk}"):
        assert not (storage.root / key).exists()
