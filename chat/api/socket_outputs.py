"""Build what the socket of conversations sends."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from chat.api.growing import GrowingAnswer
from chat.models import Message

ACTIONS = {"progress": ["stop"], "success": ["regenerate"], "error": ["retry"]}
STATUSES = {
    Message.Status.STREAMING: "progress",
    Message.Status.COMPLETE: "success",
    Message.Status.STOPPED: "success",
    Message.Status.FAILED: "error",
}


@dataclass(frozen=True, slots=True)
class Envelope:
    """Where an output belongs: `session` is what the client calls the conversation."""

    session: str
    conversation_id: uuid.UUID
    exchange: str
    message_id: str


def build_output(envelope: Envelope, status: str, growing: GrowingAnswer) -> dict[str, Any]:
    """Return an answer as far as it is written. `status` is progress, success or error."""
    return {
        "session_id": envelope.session,
        "conv_id": envelope.exchange,
        "msg_id": envelope.message_id,
        "msg_type": "output",
        "status": status,
        "content": growing.list_content(status),
        "actions": ACTIONS[status],
        "agents": [],
        "metadata": {
            "timestamp": timezone.now().isoformat(),
            "conversation_id": str(envelope.conversation_id),
            "citations": growing.citations,
        },
    }


def build_last_output(envelope: Envelope, growing: GrowingAnswer, end: dict[str, str]) -> dict[str, Any]:
    """Return an answer that has ended, as the last entry of its stream tells."""
    output = build_output(envelope, STATUSES[Message.Status(end["status"])], growing)
    if output["status"] == "error":
        output.update(content=[], message=end["message"])
        output["metadata"]["error_type"] = end["code"]
    output["metadata"]["stopped"] = end["status"] == Message.Status.STOPPED
    return output


def build_error(data: dict[str, Any], code: str, message: str, details: Any = None) -> dict[str, Any]:
    """Return the error with which a message of a client is answered."""
    return {
        "session_id": _as_text(data.get("session_id")),
        "conv_id": _as_text(data.get("conv_id")),
        "msg_id": str(uuid.uuid4()),
        "msg_type": "output",
        "status": "error",
        "content": [],
        "message": message,
        "actions": ACTIONS["error"],
        "agents": [],
        "metadata": {"timestamp": timezone.now().isoformat(), "error_type": code, "details": details or {}},
    }


def _as_text(value: Any) -> str | None:
    """Return what a client sent as an ID, if it can be one."""
    return value if isinstance(value, str) and len(value) <= 64 and value.isprintable() else None
