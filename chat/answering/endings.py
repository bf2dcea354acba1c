"""End an answer: store it, charge for it, and tell its readers."""

from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from billing import charges
from billing.operations import Operation
from chat import quota, streams
from chat.agents import looking
from chat.models import AnswerJob, Conversation, Message
from chat.streams import WrittenAnswer
from chat.topics import CONVERSATIONS
from videos import notifications
from videos.models import Notice

END_MESSAGES = {
    "broken": {
        "code": "INTERRUPTED",
        "message": "The answer was interrupted. What was written is kept. Regenerate it to get a whole answer.",
    },
    "empty": {"code": "PROVIDER_ERROR", "message": "The model gave no answer. Try again, or ask in other words."},
    "failed": {"code": "INTERNAL_ERROR", "message": "The answer could not be written. Try again."},
}


def finish_answer(
    answer: Message, status: str, written: WrittenAnswer, error: dict[str, str] | None = None, model: str = ""
) -> None:
    """Store an answer that has ended, capture or release its price, and end its stream on commit.

    Call it in a transaction that holds the lock of its job. An answer that failed before it began counts against no
    quota.
    """
    row = Message.all_objects.select_for_update(of=("self",)).get(pk=answer.pk)
    if not row.is_open:
        return
    row.content, row.status = written.content, status
    added = {"model": model, "outputs": written.outputs, "parts": written.parts}
    row.metadata = {
        **row.metadata,
        "citations": written.citations,
        **{key: value for key, value in added.items() if value},
    }
    if error:
        row.metadata["error"] = error
    row.save(update_fields=["content", "status", "metadata"])
    if status == Message.Status.COMPLETE:
        charges.capture(choose_operation(row), build_reference(row))
    else:
        charges.release(choose_operation(row), build_reference(row))
    looking.release_rest(row)
    if status == Message.Status.FAILED and not written.has_begun:
        quota.forgive_question(row.pk)
    Conversation.all_objects.filter(pk=row.conversation_id).update(updated_at=timezone.now())
    if status != Message.Status.STOPPED and not streams.has_readers(row.pk):
        _notify_owner(row)
    transaction.on_commit(partial(streams.end_answer, row.pk, status, error, written.entries), robust=True)
    publish(row)


def settle(job: AnswerJob) -> None:
    """Mark the answer of a job that failed without ending it, for example because its worker died several times."""
    if job.status == AnswerJob.Status.FAILED:
        written = streams.read_answer(job.message_id)
        error = END_MESSAGES["broken" if written.has_begun else "failed"]
        finish_answer(job.message, Message.Status.FAILED, written, error)


def choose_operation(answer: Message) -> Operation:
    """Return the operation that the price of an answer, or of the run of an agent, belongs to."""
    return Operation.AGENT if answer.agent else Operation.MESSAGE


def build_reference(answer: Message) -> str:
    """Return the reference of the hold for an answer."""
    return f"message:{answer.pk}"


def _notify_owner(answer: Message) -> None:
    """Notify the owner of an answer that no page followed to its end. Guests have no notifications."""
    owner_id = Conversation.objects.filter(pk=answer.conversation_id).values_list("owner_id", flat=True).first()
    if owner_id and answer.deleted_at is None:
        is_complete = answer.status == Message.Status.COMPLETE
        ended = Notice.Ended.WELL if is_complete else Notice.Ended.BADLY
        notifications.notify_user(owner_id, ended, conversation_id=answer.conversation_id)


def publish(message: Message) -> None:
    """Tell the open pages of the owner that a conversation has changed, when this transaction commits."""
    owner_id = Conversation.all_objects.filter(pk=message.conversation_id).values_list("owner_id", flat=True).first()
    if owner_id:
        data: dict[str, Any] = {
            "conversation_id": str(message.conversation_id),
            "message_id": str(message.pk),
            "status": message.status,
        }
        transaction.on_commit(partial(CONVERSATIONS.publish, owner_id, data), robust=True)
