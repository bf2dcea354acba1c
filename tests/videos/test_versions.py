import pytest

from videos import versions
from videos.models import Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def cut(alice):
    """Make a video that was uploaded as a version of another, or of none."""

    def make(title, of=None):
        video = Video(owner=alice, title=title, filename="a.mp4", size=1, storage_key=f"videos/{title}")
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
