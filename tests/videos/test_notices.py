import pytest

from accounts.viewer import Viewer
from videos import cleaning, comparison, notices, pipeline, worker
from videos.models import Comparison, Notice, Video

pytestmark = pytest.mark.django_db


def told(user) -> list[str]:
    return [str(notice) for notice in notices.latest(Viewer(user))]


def test_what_ends_is_told_to_its_owner_only(alice, bob, alices_pair):
    a, b = alices_pair
    Notice.objects.all().delete()

    worker.run(comparison.compare(Viewer(alice), a, b).job.pk)

    assert told(alice) == ["“clip” and “longer” are compared."]
    assert told(bob) == []
    assert notices.unread(Viewer(alice)) == 1


def test_what_fails_is_told_and_told_anew_after_a_retry(alice, make_video, tmp_path):
    (tmp_path / "text.mp4").write_text("this is no video\n" * 100)
    video = make_video(alice, tmp_path / "text.mp4", run=True)
    assert told(alice) == ["“text” could not be read."]
    notices.read(Viewer(alice))

    pipeline.retry(video)
    worker.run(video.jobs.get(kind="probe").pk)

    assert told(alice) == ["“text” could not be read."]
    assert notices.unread(Viewer(alice)) == 1


def test_what_is_deleted_is_told_no_more(alice, alices_comparison):
    assert "“clip” and “longer” are compared." in told(alice)

    cleaning.delete(alices_comparison.video_a)

    assert told(alice) == ["“longer” is ready."]


def test_the_last_fifty_are_kept(alice):
    for number in range(notices.KEPT + 3):
        video = Video.objects.create(owner=alice, title=str(number), filename="a", size=1, storage_key=str(number))
        notices.tell(video, Notice.Ended.WELL)

    assert (len(told(alice)), notices.unread(Viewer(alice))) == (notices.KEPT, notices.KEPT)
    assert told(alice)[0] == "“52” is ready."
    notices.forget_old()
    assert Notice.objects.count() == notices.KEPT
    assert told(alice)[0] == "“52” is ready."


def test_the_bell_counts_until_they_are_read(alices, bobs, alices_comparison):
    notice = Notice.objects.get(comparison=alices_comparison)
    Notice.objects.exclude(pk=notice.pk).delete()
    Notice.objects.update(read_at=None)
    assert "<span data-count>1</span>" in alices.get("/account/").content.decode()
    assert "are compared" in alices.get("/notices/").content.decode()

    assert bobs.get(f"/notices/{notice.pk}/").status_code == 404
    bobs.post("/notices/read/", {"id": [notice.pk, "nonsense"]})
    assert Notice.objects.unread().count() == 1

    assert alices.get(f"/notices/{notice.pk}/").url == f"/compare/{alices_comparison.pk}/"
    assert Notice.objects.unread().count() == 0
    Notice.objects.update(read_at=None)
    alices.post("/notices/read/", {"id": "nonsense"})
    assert Notice.objects.unread().count() == 1
    alices.post("/notices/read/")
    assert Notice.objects.unread().count() == 0


def test_they_are_listed_in_one_query(alice, alices_comparison, django_assert_num_queries):
    assert Comparison.objects.exists()
    with django_assert_num_queries(1):
        assert len(told(alice)) == 3


def test_nobody_is_told_of_what_sage_shows_itself(alice, alices_video):
    Notice.objects.all().delete()
    alice.is_system = True
    alice.save()

    notices.tell(Video.objects.get(pk=alices_video.pk), Notice.Ended.WELL)

    assert not Notice.objects.exists()
