"""Version stacks: an upload can be a new version of a video that is there."""

from django.db import transaction
from django.db.models import Max

from videos.models import Stack, Video


@transaction.atomic
def put_on_top(video: Video, of: Video) -> None:
    """Number `video`, not saved yet, as the newest version of the film that `of` is a version of.

    Numbers are never given twice, so that v2 stays v2 when v1 is deleted, and is v2 again when v1 is restored.
    """
    before = Video.everything.select_for_update().get(pk=of.pk)
    if before.stack is None:
        before.stack, before.version = Stack.objects.create(), 1
        before.save(update_fields=["stack", "version"])
    Stack.objects.select_for_update().get(pk=before.stack.pk)
    newest = Video.everything.filter(stack=before.stack).aggregate(newest=Max("version"))["newest"]
    video.stack, video.version = before.stack, newest + 1
    video.collection = video.collection or before.collection


def one_before(video: Video) -> Video | None:
    """The version that `video` is compared with unless somebody says otherwise."""
    if video.stack_id is None:
        return None
    return Video.objects.filter(stack=video.stack_id, version__lt=video.version).order_by("-version").first()
