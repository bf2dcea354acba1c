"""Store, reuse, delete and restore outputs."""

import logging
import uuid
from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.credentials.provider_keys import describe_caller
from accounts.models import User
from accounts.viewer import Viewer
from chat.agents.events import NewOutput
from chat.models import Conversation, Message
from chat.outputs.models import Output
from sage.errors import Conflict, NotFound
from sage.providers.errors import ProviderError
from videos.library.queries import get_restore_period
from videos.models import Video

log = logging.getLogger(__name__)
MAX_EMBEDDED_LETTERS = 4_000


def store_output(
    answer: Message,
    new: NewOutput,
    place: int,
    video: Video | None = None,
    *,
    question: str = "",
    digest: str = "",
    tokens: int = 0,
    vector: tuple[str, list[float] | None] = ("", None),
) -> Output:
    """Store what an agent has made for an answer. `place` numbers the outputs of one answer from 0.

    `vector` is what `embed_output` has returned before the transaction, because it may call a provider.
    """
    conversation = answer.conversation
    error = new.error
    return Output.objects.create(
        owner_id=conversation.owner_id,
        guest_id=conversation.guest_id,
        message=answer,
        conversation=conversation,
        video=video,
        comparison_id=conversation.comparison_id,
        collection_id=(video.shown_collection_id if video else None) or conversation.collection_id,
        agent=answer.agent,
        question=question,
        place=place,
        type=new.type,
        status=Output.Status.FAILED if error else Output.Status.COMPLETED,
        content=new.content.replace("\x00", ""),
        data=clean_json(new.data),
        metadata=new.metadata,
        error_code=error.code if error else "",
        error=error.message if error else "",
        model=new.model,
        processing_seconds=new.seconds,
        tokens_used=tokens,
        digest="" if error else digest,
        vector_model=vector[0],
        vector=vector[1],
    )


def embed_output(content: str, owner_id: uuid.UUID | None) -> tuple[str, list[float] | None]:
    """Return the model and the vector of an output, for search. Empty if the model is unavailable."""
    from sage.providers import registry  # it loads numpy, which the web process does not need

    if not content.strip():
        return "", None
    try:
        embedder = registry.choose_text_embedder(**describe_caller(owner_id, "TEXT_VECTOR_MODEL"))
        [vector] = embedder.embed([content[:MAX_EMBEDDED_LETTERS]])
    except ProviderError as error:
        log.warning("chat: an output has no vector: %s", error)
        return "", None
    return embedder.model, vector.tolist()


def clean_json(value: Any) -> Any:
    """Return JSON without the character U+0000, which PostgreSQL cannot store."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, list):
        return [clean_json(one) for one in value]
    if isinstance(value, dict):
        return {clean_json(key): clean_json(one) for key, one in value.items()}
    return value


def get_output(viewer: Viewer, output_id: uuid.UUID) -> Output:
    """Return an output of the viewer. Raises `Http404`."""
    return get_object_or_404(Output.objects.owned_by(viewer).with_subjects(), pk=output_id)


def delete_output(output: Output) -> None:
    """Hide an output. `restore_output` undoes it within the restore period."""
    Output.objects.filter(pk=output.pk).update(deleted_at=timezone.now())


def restore_output(viewer: Viewer, output_id: uuid.UUID) -> Output:
    """Restore a deleted output. Raises `NotFound`, and `Conflict` if it is not deleted."""
    with transaction.atomic():
        rows = Output.all_objects.filter(pk=output_id)
        rows = rows.filter(owner=viewer.user) if viewer.user else rows.filter(owner=None, guest_id=viewer.guest_id)
        row = rows.select_for_update(of=("self",)).first()
        if row is None or (row.deleted_at and row.deleted_at < timezone.now() - get_restore_period()):
            raise NotFound("This output was permanently deleted, or it is not yours.")
        if row.deleted_at is None:
            raise Conflict("This output is not deleted.")
        row.deleted_at = None
        row.save(update_fields=["deleted_at"])
    return row


def delete_expired() -> None:
    """Delete the outputs whose restore period is over, and those of guests whose conversation is gone."""
    Output.all_objects.filter(deleted_at__lt=timezone.now() - get_restore_period()).delete()
    Output.all_objects.filter(owner=None, conversation=None).delete()


def delete_outputs_of(owner: User) -> None:
    """Delete every output of one user, in any state."""
    Output.all_objects.filter(owner=owner).delete()


def move_guest_outputs(conversations: list[Conversation], user: User) -> None:
    """Give the outputs of conversations to an account."""
    Output.all_objects.filter(conversation__in=conversations).update(owner=user, guest_id="")
