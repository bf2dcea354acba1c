from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.viewer import Viewer
from sage.storage import storage
from videos import cleaning, library, uploads
from videos.announced import Announced
from videos.models import Comparison, Upload, Video

pytestmark = pytest.mark.django_db


def test_an_abandoned_upload_goes_with_its_parts_and_a_fresh_one_stays(alice):
    old, fresh = (uploads.begin(Viewer(alice), Announced(f"{name}.mp4", 10)) for name in ("old", "fresh"))
    Upload.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(minutes=1))

    cleaning.clean()

    assert list(Upload.objects.all()) == [fresh]
    assert [folder.name for folder in (storage.root / "uploads").iterdir()] == [fresh.parts_id]


def test_a_deleted_video_keeps_its_files_for_the_grace_and_then_loses_them(alices_comparison):
    video = alices_comparison.video_a
    cleaning.delete(video)

    cleaning.clean()
    assert storage.stat(video.storage_key).size

    Video.everything.filter(pk=video.pk).update(deleted_at=timezone.now() - library.grace() - timedelta(hours=1))
    cleaning.clean()
    assert not Video.everything.filter(pk=video.pk).exists()
    assert not Comparison.everything.exists()
    for key in (video.storage_key, f"derived/{video.pk}", f"comparisons/{alices_comparison.pk}"):
        assert not (storage.root / key).exists()
