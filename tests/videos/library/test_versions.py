import pytest

from accounts.viewer import Viewer
from videos.fingerprint.version import FINGERPRINT_VERSION
from videos.library import deletion, versions
from videos.models import Comparison, Job, Video
from videos.processing import pipeline

pytestmark = pytest.mark.django_db


@pytest.fixture
def create_version(alice):
    """Return a function that creates a video, optionally as a version of another."""

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
            versions.add_version(video, of)
        video.save()
        return video

    return make


def test_versions_are_numbered_from_one(create_version):
    first = create_version("first")
    second = create_version("second", first)
    third = create_version("third", first)

    first.refresh_from_db()
    assert [video.version for video in (first, second, third)] == [1, 2, 3]
    assert len({video.stack for video in (first, second, third)}) == 1


def test_a_deleted_version_keeps_its_number(create_version, alice):
    first = create_version("first")
    second = create_version("second", first)
    Video.objects.filter(pk=second.pk).update(deleted_at=second.created_at)

    assert create_version("third", first).version == 3


def test_the_previous_version_is_the_last_one_that_is_not_deleted(create_version):
    first = create_version("first")
    second = create_version("second", first)
    third = create_version("third", second)

    assert versions.get_previous_version(third) == second
    Video.objects.filter(pk=second.pk).update(deleted_at=second.created_at)
    assert versions.get_previous_version(third) == first
    assert versions.get_previous_version(first) is None
    assert versions.get_previous_version(create_version("alone")) is None


def list_compared_pairs() -> list[tuple[str, str]]:
    return list(Comparison.objects.order_by("created_at").values_list("video_a__title", "video_b__title"))


def test_adjacent_versions_are_compared_when_both_are_ready(create_version):
    first = create_version("v1", status="processing")
    second = create_version("v2", first)
    third = create_version("v3", first, status="processing")
    versions.compare_adjacent_versions(second)
    assert list_compared_pairs() == []

    settle_video(first, "ready")
    assert list_compared_pairs() == [("v1", "v2")]
    settle_video(third, "ready")
    settle_video(third, "ready")
    assert list_compared_pairs() == [("v1", "v2"), ("v2", "v3")]
    assert Job.objects.filter(kind=Job.Kind.COMPARE).count() == 2


def test_a_failed_version_is_skipped(create_version):
    first = create_version("v1")
    second = create_version("v2", first, status="processing")
    third = create_version("v3", first)
    assert versions.compare_adjacent_versions(third) == []  # the second version may become ready

    settle_video(second, "failed")

    assert list_compared_pairs() == [("v1", "v3")]
    assert versions.get_previous_version(third) == first


def test_a_deleted_comparison_is_not_created_again(create_version):
    first = create_version("v1")
    second = create_version("v2", first)
    (created,) = versions.compare_adjacent_versions(second)
    deletion.delete_comparison(created)

    assert versions.compare_adjacent_versions(second) == []


def test_an_outdated_version_is_compared_after_its_reanalysis(create_version):
    first = create_version("v1")
    second = create_version("v2", first)
    Video.objects.filter(pk=first.pk).update(fingerprint_version=0)
    assert versions.compare_adjacent_versions(second) == []

    Video.objects.filter(pk=first.pk).update(fingerprint_version=FINGERPRINT_VERSION)
    first.refresh_from_db()
    settle_video(first, "ready")

    assert list_compared_pairs() == [("v1", "v2")]


def test_pages_suggest_the_newest_and_the_previous_version(alice_client, alice, create_version):
    first = create_version("v1")
    second = create_version("v2", first)
    (created,) = versions.compare_adjacent_versions(second)

    watch = alice_client.get(f"/videos/{second.pk}/").content.decode()
    assert f'<option value="{first.pk}" selected>' in watch
    assert f"/compare/{created.pk}/" in watch
    for address in ("/compare/", f"/compare/?b={second.pk}"):
        form = alice_client.get(address).context["form"]
        assert (form["a"].value(), form["b"].value()) == (str(first.pk), str(second.pk))
    assert versions.suggest_pair(Viewer(alice), str(first.pk)) == {}
    assert alice_client.get("/compare/?b=nonsense").status_code == 200


def settle_video(video: Video, status: str) -> None:
    """Settle a video as its last job does when it ends."""
    Video.objects.filter(pk=video.pk).update(status="processing")
    Job.objects.filter(video=video).delete()
    ended = Job.Status.COMPLETED if status == "ready" else Job.Status.FAILED
    pipeline.settle(Job.objects.create(video=video, kind=Job.Kind.INGEST, status=ended))


def test_the_neighbours_of_a_deleted_version_are_compared(create_version):
    first = create_version("first")
    second = create_version("second", first, Video.Status.PROCESSING)
    third = create_version("third", second)
    assert not Comparison.objects.exists()

    deletion.delete_video(second)

    created = Comparison.objects.get()
    assert (created.video_a, created.video_b) == (first, third)
