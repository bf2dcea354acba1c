import pytest

from accounts.viewer import Viewer
from videos import cleaning, pipeline, versions
from videos.diff.version import FINGERPRINT_VERSION
from videos.models import Comparison, Job, Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def cut(alice):
    """Make a video that was uploaded as a version of another, or of none."""

    def make(title, of=None, status=Video.Status.READY):
        video = Video(
            owner=alice,
            title=title,
            filename="a.mp4",
            size=1,
            storage_key=f"videos/{title}",
            status=status,
            fingerprint_version=FINGERPRINT_VERSION,
        )
        if of:
            versions.put_on_top(video, of)
        video.save()
        return video

    return make


def test_versions_count_from_one_whichever_of_them_is_named(cut):
    first = cut("first")
    second = cut("second", first)
    third = cut("third", first)

    first.refresh_from_db()
    assert [video.version for video in (first, second, third)] == [1, 2, 3]
    assert len({video.stack for video in (first, second, third)}) == 1


def test_a_deleted_version_keeps_its_number(cut, alice):
    first = cut("first")
    second = cut("second", first)
    Video.objects.filter(pk=second.pk).update(deleted_at=second.created_at)

    assert cut("third", first).version == 3


def test_the_newest_is_compared_with_the_one_before_that_is_still_there(cut):
    first = cut("first")
    second = cut("second", first)
    third = cut("third", second)

    assert versions.one_before(third) == second
    Video.objects.filter(pk=second.pk).update(deleted_at=second.created_at)
    assert versions.one_before(third) == first
    assert versions.one_before(first) is None
    assert versions.one_before(cut("alone")) is None


def pairs() -> list[tuple[str, str]]:
    return list(Comparison.objects.order_by("created_at").values_list("video_a__title", "video_b__title"))


def test_a_version_is_compared_with_the_one_before_as_soon_as_both_are_ready(cut):
    first = cut("v1", status="processing")
    second = cut("v2", first)
    third = cut("v3", first, status="processing")
    versions.compare_in_order(second)
    assert pairs() == []

    settle(first, "ready")
    assert pairs() == [("v1", "v2")]
    settle(third, "ready")
    settle(third, "ready")
    assert pairs() == [("v1", "v2"), ("v2", "v3")]
    assert Job.objects.filter(kind=Job.Kind.COMPARE).count() == 2


def test_a_version_that_cannot_be_read_is_passed_over(cut):
    first = cut("v1")
    second = cut("v2", first, status="processing")
    third = cut("v3", first)
    assert versions.compare_in_order(third) == []  # the second may still be ready

    settle(second, "failed")

    assert pairs() == [("v1", "v3")]
    assert versions.one_before(third) == first


def test_a_comparison_that_its_owner_deleted_is_not_made_again(cut):
    first = cut("v1")
    second = cut("v2", first)
    (made,) = versions.compare_in_order(second)
    cleaning.delete_comparison(made)

    assert versions.compare_in_order(second) == []


def test_one_that_is_to_be_read_again_first_is_compared_then(cut):
    first = cut("v1")
    second = cut("v2", first)
    Video.objects.filter(pk=first.pk).update(fingerprint_version=0)
    assert versions.compare_in_order(second) == []

    Video.objects.filter(pk=first.pk).update(fingerprint_version=FINGERPRINT_VERSION)
    first.refresh_from_db()
    settle(first, "ready")

    assert pairs() == [("v1", "v2")]


def test_pages_suggest_the_newest_with_the_one_before(alices, alice, cut):
    first = cut("v1")
    second = cut("v2", first)
    (made,) = versions.compare_in_order(second)

    watch = alices.get(f"/videos/{second.pk}/").content.decode()
    assert f'<option value="{first.pk}" selected>' in watch
    assert f"/compare/{made.pk}/" in watch
    for address in ("/compare/", f"/compare/?b={second.pk}"):
        form = alices.get(address).context["form"]
        assert (form["a"].value(), form["b"].value()) == (str(first.pk), str(second.pk))
    assert versions.pair(Viewer(alice), str(first.pk)) == {}
    assert alices.get("/compare/?b=nonsense").status_code == 200


def settle(video: Video, status: str) -> None:
    """As the last job of a video does when it ends."""
    Video.objects.filter(pk=video.pk).update(status="processing")
    Job.objects.filter(video=video).delete()
    ended = Job.Status.COMPLETED if status == "ready" else Job.Status.FAILED
    pipeline.settle(Job.objects.create(video=video, kind=Job.Kind.INGEST, status=ended))


def test_the_neighbours_of_a_version_that_is_deleted_are_compared(cut):
    first = cut("first")
    second = cut("second", first, Video.Status.PROCESSING)
    third = cut("third", second)
    assert not Comparison.objects.exists()

    cleaning.delete(second)

    made = Comparison.objects.get()
    assert (made.video_a, made.video_b) == (first, third)
