"""Charge for the seconds of video that a hosted model looks at, and find analyses that can be used again."""

import hashlib
import uuid
from collections.abc import Iterable

from django.conf import settings

from accounts.credentials.provider_keys import describe_caller
from accounts.viewer import Viewer
from billing import charges
from billing.operations import Operation
from chat.models import Message
from chat.outputs.models import Output
from sage.providers.keys import find_provider
from videos.models import Video

SETTING = "AGENT_MODEL"


def has_hosted_model(user_id: uuid.UUID | None) -> bool:
    """Return whether agents can use a hosted model for a user: one is configured, and there is a key."""
    provider = find_provider(SETTING)
    if provider is None:
        return False
    return bool(describe_caller(user_id, SETTING)["key"] or getattr(settings, f"{provider.name}_API_KEY"))


def build_digest(video: Video, question: str) -> str:
    """Return what identifies an analysis: the bytes of the video, the model and the question, in SHA-256."""
    content = video.sha256 or video.etag or video.video_id
    text = "\0".join([content, settings.AGENT_MODEL, " ".join(question.lower().split())])
    return hashlib.sha256(text.encode()).hexdigest()


def find_stored(viewer: Viewer, video: Video, question: str) -> Output | None:
    """Return the newest analysis of the same bytes by the same model for the same question."""
    rows = Output.objects.owned_by(viewer).filter(digest=build_digest(video, question), status="completed")
    return rows.defer("vector").first()


def can_be_seen(video: Video) -> bool:
    """Return whether there are pictures to look at. Those of YouTube videos are not fetched."""
    return bool(video.is_ready and video.stills and video.duration)


def hold(viewer: Viewer, answer: Message, videos: Iterable[Video], question: str, *, is_fresh: bool) -> None:
    """Hold the price of the seconds that a hosted model will look at. Raises `InsufficientTokens`.

    Analyses that are stored cost nothing. Call it in the transaction that stores the question.
    """
    if viewer.user is None or not has_hosted_model(viewer.user.pk):
        return
    held = []
    for video in videos:
        if can_be_seen(video) and (is_fresh or find_stored(viewer, video, question) is None):
            units = video.duration or 0.0
            charges.hold(viewer.user.pk, Operation.LOOK, build_reference(answer, video.pk), units, video.pk)
            held.append(str(video.pk))
    if held:
        answer.metadata["looks"] = held
        answer.save(update_fields=["metadata"])


def capture(answer: Message, video: Video, seconds: float) -> int:
    """Capture the price of the seconds that were looked at. Return it in tokens."""
    reference = build_reference(answer, video.pk)
    if str(video.pk) not in answer.metadata.get("looks", ()) or not seconds:
        return 0
    charges.capture(Operation.LOOK, reference, seconds)
    return charges.calculate_cost(Operation.LOOK, seconds)


def release_rest(answer: Message) -> None:
    """Release what was held for videos that were not looked at."""
    for video_id in answer.metadata.get("looks", ()):
        charges.release(Operation.LOOK, build_reference(answer, video_id))


def build_reference(answer: Message, video_id: uuid.UUID | str) -> str:
    return f"look:{answer.pk}:{video_id}"
