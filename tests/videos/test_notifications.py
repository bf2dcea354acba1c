import pytest

from accounts.viewer import Viewer
from sage.jobs import worker
from videos import notifications
from videos.comparisons import requests
from videos.library import deletion
from videos.models import Comparison, Job, Notice, Video
from videos.processing import pipeline

pytestmark = pytest.mark.django_db


def messages(user) -> list[str]:
    return [str(notice) for notice in notifications.select_latest(Viewer(user))]


def test_only_the_owner_is_notified(alice, bob, alice_pair):
    a, b = alice_pair
    Notice.objects.all().delete()

    worker.run(Job, requests.create_comparison(Viewer(alice), a, b).job.pk)

    assert messages(alice) == ["Comparison ready: “clip” and “longer”"]
    assert messages(bob) == []
    assert notifications.count_unread(Viewer(alice)) == 1


def test_a_failure_is_notified_again_after_a_retry(alice, make_video, tmp_path):
    (tmp_path / "text.mp4").write_text("this is no video\n" * 100)
    video = make_video(alice, tmp_path / "text.mp4", run=True)
    assert messages(alice) == ["Processing failed: “text”"]
    notifications.mark_read(Viewer(alice))

    pipeline.retry(video)
    worker.run(Job, video.jobs.get(kind="probe").pk)

    assert messages(alice) == ["Processing failed: “text”"]
    assert notifications.count_unread(Viewer(alice)) == 1


def test_a_deleted_video_has_no_notification(alice, alice_comparison):
    assert "Comparison ready: “clip” and “longer”" in messages(alice)

    deletion.delete_video(alice_comparison.video_a)

    assert messages(alice) == ["Video ready: “longer”"]


def test_the_latest_fifty_are_kept(alice):
    for number in range(notifications.MAX_KEPT + 3):
        video = Video.objects.create(owner=alice, title=str(number), filename="a", size=1, storage_key=str(number))
        notifications.notify(video, Notice.Ended.WELL)

    assert (len(messages(alice)), notifications.count_unread(Viewer(alice))) == (
        notifications.MAX_KEPT,
        notifications.MAX_KEPT,
    )
    assert messages(alice)[0] == "Video ready: “52”"
    notifications.delete_old()
    assert Notice.objects.count() == notifications.MAX_KEPT
    assert messages(alice)[0] == "Video ready: “52”"


def test_the_count_drops_when_notifications_are_read(alice_client, bob_client, alice_comparison):
    notice = Notice.objects.get(comparison=alice_comparison)
    Notice.objects.exclude(pk=notice.pk).delete()
    Notice.objects.update(read_at=None)
    assert "<span data-count>1</span>" in alice_client.get("/account/").content.decode()
    assert "Comparison ready" in alice_client.get("/notices/").content.decode()

    assert bob_client.get(f"/notices/{notice.pk}/").status_code == 404
    bob_client.post("/notices/read/", {"id": [notice.pk, "nonsense"]})
    assert Notice.objects.unread().count() == 1

    assert alice_client.get(f"/notices/{notice.pk}/").url == f"/compare/{alice_comparison.pk}/"
    assert Notice.objects.unread().count() == 0
    Notice.objects.update(read_at=None)
    alice_client.post("/notices/read/", {"id": "nonsense"})
    assert Notice.objects.unread().count() == 1
    alice_client.post("/notices/read/")
    assert Notice.objects.unread().count() == 0


def test_notifications_are_listed_in_one_query(alice, alice_comparison, django_assert_num_queries):
    assert Comparison.objects.exists()
    with django_assert_num_queries(1):
        assert len(messages(alice)) == 3


def test_the_system_user_is_not_notified(alice, alice_video):
    Notice.objects.all().delete()
    alice.is_system = True
    alice.save()

    notifications.notify(Video.objects.get(pk=alice_video.pk), Notice.Ended.WELL)

    assert not Notice.objects.exists()
