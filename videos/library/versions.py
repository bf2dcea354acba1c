"""Add videos to version stacks, list the versions, and compare adjacent ones."""

import dataclasses
import itertools

from django.db import transaction
from django.db.models import Max

from accounts.viewer import Viewer
from sage.errors import Conflict, InsufficientTokens
from videos.comparisons import requests
from videos.models import Comparison, Stack, Video


@transaction.atomic
def add_version(video: Video, previous: Video) -> None:
    """Make the unsaved `video` the newest version in the stack of `previous`.

    Numbers are never reused: v2 stays v2 when v1 is deleted or restored.
    """
    before = Video.all_objects.select_for_update(no_key=True).get(pk=previous.pk)
    if before.stack is None:
        before.stack, before.version = Stack.objects.create(), 1
        before.save(update_fields=["stack", "version"])
    Stack.objects.select_for_update(no_key=True).get(pk=before.stack.pk)
    newest = Video.all_objects.filter(stack=before.stack).aggregate(newest=Max("version"))["newest"]
    video.stack, video.version = before.stack, newest + 1
    if video.collection is None:
        video.collection = before.collection
    else:  # all versions share the collection of the newest
        Video.all_objects.filter(stack=before.stack).update(collection=video.collection)


def get_previous_version(video: Video) -> Video | None:
    """Return the last ready version before `video`, the default to compare it with. None for a first version."""
    if video.stack_id is None:
        return None
    return Video.objects.ready().filter(stack=video.stack_id, version__lt=video.version).order_by("-version").first()


@transaction.atomic
def compare_adjacent_versions(video: Video) -> list[Comparison]:
    """Compare `video` with the ready versions before and after it, once its processing has ended.

    Failed and cancelled versions are skipped, so the versions around them are compared with each other. A pair is never
    compared twice. Call it in the transaction that ends the processing of `video`.
    """
    if video.stack_id is None or video.version is None:
        return []
    # With the lock, the second of two versions that end at the same time sees the first.
    Stack.objects.select_for_update(no_key=True).get(pk=video.stack_id)
    failed = [Video.Status.FAILED, Video.Status.CANCELLED]
    candidates = Video.objects.filter(stack=video.stack_id).exclude(status__in=failed).order_by("version")
    pairs = [(a, b) for a, b in itertools.pairwise(candidates) if (a.version or 0) <= video.version <= (b.version or 0)]
    return [made for a, b in pairs if a.is_ready and b.is_ready and (made := _compare_once(a, b))]


def _compare_once(a: Video, b: Video) -> Comparison | None:
    """Compare two versions. None if they were compared before, or cannot be compared yet."""
    if Comparison.all_objects.filter(owner=b.owner_id, video_a=a, video_b=b).exists():
        return None
    try:
        return requests.create_comparison(Viewer(b.owner), a, b)
    except (Conflict, InsufficientTokens):  # called again after a reanalysis
        return None


def lock_versions(video: Video) -> None:
    """Lock the stack of a video, so that its comparisons and what is carried along them change one at a time."""
    if video.stack_id:
        Stack.objects.select_for_update(no_key=True).get(pk=video.stack_id)


def list_compared_successors(video: Video) -> list[Comparison]:
    """Return the comparisons that lead from `video` to each later version, without their scripts.

    Each compares two ready versions that follow each other. The list ends at the first pair that was not compared by
    content. If a pair was compared several times, the newest comparison is used.
    """
    if video.stack_id is None:
        return []
    later = Video.objects.ready().filter(stack=video.stack_id, version__gt=video.version).order_by("version")
    pairs = list(itertools.pairwise([video.pk, *later.values_list("pk", flat=True)]))
    compared = Comparison.objects.filter(
        owner=video.owner_id,
        video_a__in=[a for a, _ in pairs],
        video_b__in=[b for _, b in pairs],
        mode=Comparison.Mode.ALIGNED,
        script__isnull=False,
    ).select_related("video_a", "video_b")
    rows = compared.order_by("created_at").defer("script", "words", "screen_text")
    newest = {(row.video_a_id, row.video_b_id): row for row in rows}
    return [newest[pair] for pair in itertools.takewhile(newest.__contains__, pairs)]


def find_comparison_with_previous(video: Video) -> Comparison | None:
    """Return the newest comparison by content of the version before with `video`. None without a result."""
    previous = get_previous_version(video)
    steps = list_compared_successors(previous) if previous else []
    return steps[0] if steps and steps[0].video_b_id == video.pk else None


@dataclasses.dataclass(frozen=True)
class VersionEntry:
    """A version, the ready version before it, and the comparison of both."""

    video: Video
    previous: Video | None
    comparison: Comparison | None


def list_versions(video: Video) -> list[VersionEntry]:
    """Return every version in the stack of `video`, newest first. Empty for a single version."""
    versions = list(Video.objects.filter(stack=video.stack_id).order_by("version")) if video.stack_id else []
    if len(versions) < 2:
        return []
    compared = Comparison.objects.filter(owner=video.owner_id, video_a__in=versions, video_b__in=versions)
    newest = {(one.video_a_id, one.video_b_id): one for one in compared.order_by("created_at").defer("script")}
    entries: list[VersionEntry] = []
    previous: Video | None = None
    for version in versions:
        comparison = newest.get((previous.pk, version.pk)) if previous else None
        entries.append(VersionEntry(version, previous, comparison))
        previous = version if version.is_ready else previous
    return entries[::-1]


def suggest_pair(viewer: Viewer, b: str = "") -> dict[str, str]:
    """Return the initial choice of the comparison form: `b`, or the newest version, and the version before it."""
    versions = Video.objects.owned_by(viewer).ready().filter(version__gt=1)
    newest = versions.filter(pk=b).first() if b else versions.order_by("-created_at").first()
    before = newest and get_previous_version(newest)
    return {"a": str(before.pk), "b": str(newest.pk)} if newest and before else {}
