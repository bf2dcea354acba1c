"""Version stacks: an upload can be a new version of a video that is there."""

import dataclasses
import itertools

from django.db import transaction
from django.db.models import Max

from accounts.viewer import Viewer
from sage.errors import Conflict, InsufficientTokens
from videos import comparison
from videos.models import Comparison, Stack, Video


@transaction.atomic
def put_on_top(video: Video, of: Video) -> None:
    """Number `video`, not saved yet, as the newest version of the film that `of` is a version of.

    Numbers are never given twice, so that v2 stays v2 when v1 is deleted, and is v2 again when v1 is restored.
    """
    before = Video.everything.select_for_update(no_key=True).get(pk=of.pk)
    if before.stack is None:
        before.stack, before.version = Stack.objects.create(), 1
        before.save(update_fields=["stack", "version"])
    Stack.objects.select_for_update(no_key=True).get(pk=before.stack.pk)
    newest = Video.everything.filter(stack=before.stack).aggregate(newest=Max("version"))["newest"]
    video.stack, video.version = before.stack, newest + 1
    if video.collection is None:
        video.collection = before.collection
    else:  # where the newest lies, all of them do
        Video.everything.filter(stack=before.stack).update(collection=video.collection)


def one_before(video: Video) -> Video | None:
    """The version that `video` is compared with unless somebody says otherwise: the last before it that is ready."""
    if video.stack_id is None:
        return None
    return Video.objects.ready().filter(stack=video.stack_id, version__lt=video.version).order_by("-version").first()


@transaction.atomic
def compare_in_order(video: Video) -> list[Comparison]:
    """Once `video` is read, or will never be: compare it with its neighbours among the versions that are ready.

    Of those that cannot be read nothing is expected, so that their neighbours are compared with each other. Each pair
    is compared once, whoever asked for that and whatever became of it. Call it in the transaction that settles `video`.
    """
    if video.stack_id is None or video.version is None:
        return []
    Stack.objects.select_for_update(no_key=True).get(
        pk=video.stack_id
    )  # of two that settle at once the second sees the first
    hopeless = [Video.Status.FAILED, Video.Status.CANCELLED]
    hopeful = Video.objects.filter(stack=video.stack_id).exclude(status__in=hopeless).order_by("version")
    pairs = [(a, b) for a, b in itertools.pairwise(hopeful) if (a.version or 0) <= video.version <= (b.version or 0)]
    return [made for a, b in pairs if a.is_ready and b.is_ready and (made := _compare_once(a, b))]


def _compare_once(a: Video, b: Video) -> Comparison | None:
    if Comparison.everything.filter(owner=b.owner_id, video_a=a, video_b=b).exists():
        return None
    try:
        return comparison.compare(Viewer(b.owner), a, b)
    except (Conflict, InsufficientTokens):  # one is to be read again first: then this is asked again; or it costs
        return None


@dataclasses.dataclass(frozen=True)
class Step:
    """A version, and how it was compared with the ready one before it."""

    video: Video
    before: Video | None
    comparison: Comparison | None


def steps(video: Video) -> list[Step]:
    """Every version of the same film, the newest first; none where there is but one."""
    versions = list(Video.objects.filter(stack=video.stack_id).order_by("version")) if video.stack_id else []
    if len(versions) < 2:
        return []
    compared = Comparison.objects.filter(owner=video.owner_id, video_a__in=versions, video_b__in=versions)
    newest = {(one.video_a_id, one.video_b_id): one for one in compared.order_by("created_at").defer("script")}
    made, before = [], None
    for one in versions:
        made.append(Step(one, before, newest.get((before.pk, one.pk)) if before else None))
        before = one if one.is_ready else before
    return made[::-1]


def pair(viewer: Viewer, b: str = "") -> dict[str, str]:
    """What the form for comparing suggests: `b`, or the newest version of all, with the one before it."""
    versions = Video.objects.owned_by(viewer).ready().filter(version__gt=1)
    newest = versions.filter(pk=b).first() if b else versions.order_by("-created_at").first()
    before = newest and one_before(newest)
    return {"a": str(before.pk), "b": str(newest.pk)} if newest and before else {}
