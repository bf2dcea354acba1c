"""The socket `/ws/chat/`: ask questions and receive answers while they are written.

All messages are JSON objects, both ways `{session_id, conv_id, msg_id, msg_type, content, actions, agents, metadata}`.

- client: `msg_type: "input"` with `content: [{"type": "text", "text": …}]` and, if wanted, `video_ids`, `comparison_id`
  or `collection_id`. `session_id` is the ID of a conversation or a key of the client's own; an unknown key begins one.
  `agents: [name]` calls an agent, as `@name` in the text does.
- client: `{"type": "stop", "session_id", "msg_id"}` and `{"type": "reconnect", "session_id", "last_msg_id"}`
- server: `msg_type: "output"` with `status` progress, success or error. A message with the same `msg_id` replaces the
  one before. An error has `content: []`, a `message`, and its code as `metadata.error_type`.
"""

import asyncio
import contextlib
import json
import logging
import time
import uuid
from collections.abc import Sequence
from typing import Any

from django.http import Http404, QueryDict
from rest_framework.exceptions import ValidationError

from accounts.consumers import SignedInConsumer
from accounts.viewer import GUEST_ID, AuthenticationMethod, Viewer
from chat import conversations, questions, streams
from chat.agents import mentions
from chat.api.growing import GrowingAnswer
from chat.api.socket_inputs import (
    EXAMPLE,
    InputSerializer,
    ReconnectSerializer,
    StopSerializer,
    parse_message,
    validate,
)
from chat.api.socket_outputs import Envelope, build_error, build_last_output, build_output
from chat.limits import CONVERSATIONS
from chat.models import Conversation, Message
from chat.questions import NewQuestion, NotReady
from chat.streams import Kind
from sage.db_connections import run_in_any_thread
from sage.errors import ApplicationError, BadRequest, NotFound, RateLimitExceeded
from sage.limits.check import count, identify_socket_client
from sage.limits.client_ip import get_socket_network

log = logging.getLogger(__name__)
MAX_FOLLOWED = 20  # answers that one socket receives at the same time
RESEND_SECONDS = 0.1  # between two outputs of a growing answer; the first text is sent at once
RESENT_LETTERS = 50_000  # per second, because each output has the whole text; long answers are sent less often
KEPT_ANSWERS = 10  # that a client gets when it comes back without a last message
SEND_TRIES = 3
SEND_PAUSE_SECONDS = 0.1


class ChatConsumer(SignedInConsumer):
    """Answer questions of a user, or of a guest who gives an ID as `?guest=`."""

    viewer: Viewer

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._followed: dict[uuid.UUID, asyncio.Task[None]] = {}

    async def connect(self) -> None:
        guest_id = QueryDict(self.scope["query_string"]).get("guest", "")
        user = self.scope.get("user")
        if (user is None or user.is_anonymous) and GUEST_ID.fullmatch(guest_id):
            self.viewer = Viewer(guest_id=guest_id, method=AuthenticationMethod.GUEST)
            await self.accept()
            return
        await super().connect()
        if self._session_check:
            self.viewer = Viewer(self.user, method=AuthenticationMethod.SESSION)

    async def disconnect(self, code: int) -> None:
        for task in list(self._followed.values()):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await super().disconnect(code)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any) -> None:
        """Do what a message asks for. What is wrong is answered by an error output, and the socket stays open."""
        data: dict[str, Any] = {}
        try:
            await self._count()
            data = parse_message(text_data)
            await self._handle(data)
        except ApplicationError as error:
            await self._send_error(data, error.code, error.message, error.details)
        except ValidationError as error:
            await self._send_error(data, "VALIDATION_ERROR", "Some values are invalid.", error.get_full_details())
        except Http404:
            await self._send_error(data, "NOT_FOUND", "This does not exist, or it is not yours.")
        except Exception:
            log.exception("chat: a message on the socket failed")
            await self._send_error(data, "INTERNAL_ERROR", "Something went wrong on our side. Try again in a moment.")

    async def _count(self) -> None:
        client = f"user:{self.viewer.user.pk}" if self.viewer.user else identify_socket_client(dict(self.scope))
        status = await asyncio.to_thread(count, CONVERSATIONS, client)
        if not status.is_allowed:
            message = f"Too many messages. Wait {status.reset_in_seconds} s, then send this one again."
            raise RateLimitExceeded(message, status.reset_in_seconds)

    async def _handle(self, data: dict[str, Any]) -> None:
        match data.get("type") or data.get("msg_type"):
            case "input":
                await self._ask(data)
            case "stop":
                values = validate(StopSerializer, data)
                answer = await self._find_answer(values["session_id"], values["msg_id"])
                await run_in_any_thread(questions.stop_answer)(answer)
            case "reconnect":
                values = validate(ReconnectSerializer, data)
                for answer in await self._list_missed(values["session_id"], values.get("last_msg_id")):
                    self._follow(values["session_id"], answer)
            case _:
                raise BadRequest(f"Send a JSON object such as {EXAMPLE}.")

    async def _ask(self, data: dict[str, Any]) -> None:
        values = validate(InputSerializer, data)
        exchange = values.get("conv_id") or str(uuid.uuid4())
        key = values.get("session_id") or ""
        if len(self._followed) >= MAX_FOLLOWED:
            raise RateLimitExceeded("Too many answers are being written. Wait for one to end.", 5)
        mentions.choose_agent(self.viewer, values["text"], values["agent"])  # before a conversation is created
        conversation = await self._find_or_create(key, values)
        session = key or str(conversation.pk)
        try:
            answer = await self._store(conversation, values, exchange)
        except NotReady:
            waiting = GrowingAnswer(text=questions.PROCESSING)
            envelope = Envelope(session, conversation.pk, exchange, str(uuid.uuid4()))
            await self._send({**build_output(envelope, "progress", waiting), "actions": []})
            return
        except ApplicationError as error:
            details = {"session_id": session, "conv_id": exchange}
            await self._send_error(details, error.code, error.message, error.details)
            return
        self._follow(session, answer)

    def _follow(self, session: str, answer: Message) -> None:
        """Send an answer as it grows, in a task of its own."""
        if answer.pk in self._followed:
            return
        task = asyncio.create_task(self._send_growing(session, answer))
        self._followed[answer.pk] = task
        task.add_done_callback(lambda _: self._followed.pop(answer.pk, None))

    async def _send_growing(self, session: str, answer: Message) -> None:
        growing = GrowingAnswer()
        envelope = Envelope(session, answer.conversation_id, answer.exchange or str(answer.pk), str(answer.pk))
        sent_at = 0.0
        async for entries in streams.follow_answer(answer.pk):
            for entry in entries:
                growing.add(entry)
                if entry.kind == Kind.END:
                    await self._send_end(envelope, growing, json.loads(entry.data), answer)
                    return
            now = time.monotonic()
            if entries and now - sent_at >= RESEND_SECONDS + len(growing.text) / RESENT_LETTERS:
                sent_at = now
                output = build_output(envelope, "progress", growing)
                await self._send({**output, "agents": [answer.agent] if answer.agent else []})

    async def _send_end(self, envelope: Envelope, growing: GrowingAnswer, end: dict[str, str], answer: Message) -> None:
        if end["status"] != Message.Status.FAILED:
            growing.citations = await _read_citations(answer.pk)
        await self._send(build_last_output(envelope, growing, end))

    async def _send_error(self, data: dict[str, Any], code: str, message: str, details: Any = None) -> None:
        await self._send(build_error(data, code, message, details))

    async def _send(self, output: dict[str, Any]) -> None:
        """Send an output, in three tries."""
        for number in range(1, SEND_TRIES + 1):
            try:
                await self.send_json(output)
            except OSError:
                if number == SEND_TRIES:
                    raise
                await asyncio.sleep(SEND_PAUSE_SECONDS * number)
            else:
                return

    @run_in_any_thread
    def _find_or_create(self, key: str, values: dict[str, Any]) -> Conversation:
        found = conversations.find_session(self.viewer, key) if key else None
        if found is not None:
            return found
        if _is_uuid(key) and Conversation.all_objects.filter(pk=key).exists():
            raise NotFound("This conversation was deleted, or it is not yours.")
        return conversations.create_conversation(
            self.viewer,
            video_ids=values.get("video_ids") or (),
            comparison_id=values.get("comparison_id"),
            collection_id=values.get("collection_id"),
            session_key=key,
        )

    @run_in_any_thread
    def _store(self, conversation: Conversation, values: dict[str, Any], exchange: str) -> Message:
        known = set(conversation.video_ids)
        brought = [one for one in values["video_ids"] if one not in known or one in values["brought"]]
        question = NewQuestion(
            text=values["text"],
            address=get_socket_network(dict(self.scope)),
            video_ids=brought,
            exchange=exchange,
            agent=values["agent"],
        )
        return questions.ask(self.viewer, conversation, question)

    @run_in_any_thread
    def _find_answer(self, session: str, message_id: uuid.UUID) -> Message:
        conversation = conversations.find_session(self.viewer, session)
        rows = Message.objects.filter(conversation=conversation, role=Message.Role.ASSISTANT, pk=message_id)
        answer = rows.first() if conversation else None
        if answer is None:
            raise NotFound("There is no such answer in this conversation.")
        return answer

    @run_in_any_thread
    def _list_missed(self, session: str, last: uuid.UUID | None) -> Sequence[Message]:
        """Return the answers from the last one that the client has, which may have grown. Oldest first."""
        conversation = conversations.find_session(self.viewer, session)
        if conversation is None:
            raise NotFound("This conversation was deleted, or it is not yours.")
        rows = Message.objects.filter(conversation=conversation, role=Message.Role.ASSISTANT).defer("vector")
        known = rows.filter(pk=last).first() if last else None
        if known:
            rows = rows.filter(number__gte=known.number)
        return list(rows.order_by("-number")[:KEPT_ANSWERS])[::-1]


@run_in_any_thread
def _read_citations(message_id: uuid.UUID) -> list[dict[str, Any]]:
    metadata = Message.objects.filter(pk=message_id).values_list("metadata", flat=True).first()
    return list((metadata or {}).get("citations", ()))


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
