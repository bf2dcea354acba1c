import asyncio
import json
import uuid

import pytest
from asgiref.sync import sync_to_async

from chat import questions
from chat.consumers import ChatConsumer
from chat.models import Conversation, Message
from tests.sockets import Socket

pytestmark = pytest.mark.django_db(transaction=True)
KEYS = {"session_id", "conv_id", "msg_id", "msg_type", "status", "content", "actions", "agents", "metadata"}


def open_socket(user=None, query=""):
    socket = Socket(ChatConsumer.as_asgi(), f"/ws/chat/{query}")
    socket.scope["user"] = user
    return socket


async def wait_for_answer():
    """Wait until an answer is to be written, and return it."""
    async with asyncio.timeout(60):
        while not (answer := await Message.objects.filter(status="streaming").afirst()):
            await asyncio.sleep(0.01)
    return answer


def question(text, **fields):
    return {"msg_type": "input", "content": [{"type": "text", "text": text}], **fields}


async def receive_end(socket):
    """Return all outputs until one that ends an exchange."""
    outputs = [await socket.receive_json_from()]
    while outputs[-1]["status"] == "progress":
        outputs.append(await socket.receive_json_from())
    return outputs


async def test_a_question_begins_a_conversation_and_its_answer_grows(alice, harbour, run_answers):
    socket = open_socket(alice)
    assert (await socket.connect())[0]

    about = {"conv_id": "exchange-1", "video_ids": [str(harbour.pk)]}
    await socket.send_json_to(question("When does the harbour open?", **about))
    await wait_for_answer()
    await sync_to_async(run_answers)()
    outputs = await receive_end(socket)

    last = outputs[-1]
    assert set(last) == KEYS
    assert (last["status"], last["conv_id"], last["actions"]) == ("success", "exchange-1", ["regenerate"])
    assert "“The harbour opens at six in the morning.” [0:05]" in last["content"][0]["text"]
    assert {output["msg_id"] for output in outputs} == {last["msg_id"]}
    assert last["session_id"] == str((await Conversation.objects.aget()).pk)
    assert last["metadata"]["citations"][0]["start"] == 5.0
    await socket.disconnect()


async def test_a_session_key_of_the_client_names_one_conversation(alice, harbour, run_answers):
    socket = open_socket(alice)
    await socket.connect()

    for text in ("When does the harbour open?", "What do tickets cost?"):
        await socket.send_json_to(question(text, session_id="my-session-1", video_ids=[str(harbour.pk)]))
        await wait_for_answer()
        await sync_to_async(run_answers)()
        assert (await receive_end(socket))[-1]["session_id"] == "my-session-1"

    assert await Conversation.objects.acount() == 1
    assert await Message.objects.acount() == 4
    await socket.disconnect()


async def test_a_client_that_comes_back_gets_what_it_missed(alice, harbour, run_answers):
    first = open_socket(alice)
    await first.connect()
    about = {"session_id": "my-session-1", "video_ids": [str(harbour.pk)]}
    await first.send_json_to(question("When does the harbour open?", **about))
    await wait_for_answer()
    await first.disconnect()
    await sync_to_async(run_answers)()

    second = open_socket(alice)
    await second.connect()
    await second.send_json_to({"type": "reconnect", "session_id": "my-session-1", "last_msg_id": None})
    assert "[0:05]" in (await receive_end(second))[-1]["content"][0]["text"]
    await second.disconnect()


async def test_stop_ends_the_answer(alice, harbour):
    socket = open_socket(alice)
    await socket.connect()
    about = {"session_id": "my-session-1", "video_ids": [str(harbour.pk)]}
    await socket.send_json_to(question("When does the harbour open?", **about))
    answer = await wait_for_answer()

    await socket.send_json_to({"type": "stop", "session_id": "my-session-1", "msg_id": str(answer.pk)})

    last = (await receive_end(socket))[-1]
    assert (last["status"], last["metadata"]["stopped"]) == ("success", True)
    async with asyncio.timeout(60):  # the stream ends just before the row is committed
        while not await Message.objects.filter(pk=answer.pk, status="stopped").aexists():
            await asyncio.sleep(0.01)
    await socket.disconnect()


GARBAGE = [
    "{", "[]", "null", "5", '"a"', "{}", '{"type": "dance"}', '{"msg_type": "input"}',
    '{"msg_type": "input", "content": []}', '{"msg_type": "input", "content": "a"}',
    '{"msg_type": "input", "content": [{"type": "text", "text": "   "}]}',
    '{"msg_type": "input", "content": [{"type": "text", "text": 7}]}',
    '{"msg_type": "input", "content": [{"type": "text", "text": "a"}], "session_id": "short"}',
    '{"msg_type": "input", "content": [{"type": "text", "text": "a"}], "video_ids": ["nothing"]}',
    '{"msg_type": "input", "content": [{"type": "text", "text": "a"}], "agents": ["unknown"]}',
    '{"type": "stop"}', '{"type": "stop", "session_id": "abcdefgh", "msg_id": "no"}', '{"type": "reconnect"}',
    "[" * 50_000, '{"msg_type": "input", "content": [{"type": "text", "text": "' + "x" * 70_000 + '"}]}',
    '{"msg_type": "input", "content": [{"type": "text", "text": "a"}], "session_id": {"a": 1}}',
]  # fmt: skip


async def test_garbage_is_answered_by_errors_and_the_socket_stays_open(alice, settings):
    from sage.limits.rates import Rate

    settings.LIMITS = {**settings.LIMITS, "conversations": Rate.parse("1000/m")}
    socket = open_socket(alice)
    await socket.connect()

    for text in GARBAGE:
        await socket.send_to(text_data=text)
        output = await socket.receive_json_from()
        assert set(output) == {*KEYS, "message"}, text[:80]
        assert (output["status"], output["content"]) == ("error", [])
        assert output["metadata"]["error_type"] in {"BAD_REQUEST", "VALIDATION_ERROR", "NOT_FOUND"}, output
    await socket.send_to(bytes_data=b"\x00\xff")
    assert (await socket.receive_json_from())["status"] == "error"
    assert not await Conversation.objects.aexists()
    await socket.disconnect()


async def test_a_flood_is_answered_by_errors(alice, settings):
    from sage.limits.rates import Rate

    settings.LIMITS = {**settings.LIMITS, "conversations": Rate.parse("5/m")}
    socket = open_socket(alice)
    await socket.connect()

    for _ in range(8):
        await socket.send_json_to({"type": "dance"})
    codes = [(await socket.receive_json_from())["metadata"]["error_type"] for _ in range(8)]

    assert codes == ["BAD_REQUEST"] * 5 + ["RATE_LIMIT_EXCEEDED"] * 3
    await socket.disconnect()


async def test_the_session_of_another_is_refused(alice, bob, harbour):
    conversation = await Conversation.objects.acreate(owner=alice)
    socket = open_socket(bob)
    await socket.connect()

    for message in (
        question("Hello?", session_id=str(conversation.pk)),
        {"type": "reconnect", "session_id": str(conversation.pk)},
        {"type": "stop", "session_id": str(conversation.pk), "msg_id": str(uuid.uuid4())},
        question("Hello?", video_ids=[str(harbour.pk)]),
    ):
        await socket.send_json_to(message)
        assert (await socket.receive_json_from())["metadata"]["error_type"] == "NOT_FOUND"
    assert not await Message.objects.aexists()
    await socket.disconnect()


async def test_a_guest_needs_an_id():
    refused = open_socket()
    assert not (await refused.connect())[0]

    guest = open_socket(query="?guest=a-guest-of-sage")
    assert (await guest.connect())[0]
    await guest.send_to(text_data=json.dumps(question("Hello?", session_id="my-session-1")))
    await wait_for_answer()
    assert (await Conversation.objects.aget()).guest_id == "a-guest-of-sage"
    await guest.disconnect()


async def test_a_transcript_that_is_being_created_is_a_progress_output(alice, harbour):
    from videos.models import Job, Video

    await Video.objects.filter(pk=harbour.pk).aupdate(has_transcript=False)
    await Job.objects.acreate(video=harbour, kind=Job.Kind.TRANSCRIPT)
    socket = open_socket(alice)
    await socket.connect()

    await socket.send_json_to(question("When?", video_ids=[str(harbour.pk)]))

    output = await socket.receive_json_from()
    assert (output["status"], output["content"][0]["text"]) == ("progress", questions.PROCESSING)
    assert not await Message.objects.aexists()
    await socket.disconnect()


async def test_sending_is_tried_three_times(alice, monkeypatch):
    from channels.generic.websocket import AsyncJsonWebsocketConsumer

    send, failures = AsyncJsonWebsocketConsumer.send_json, []

    async def fail_twice(self, content, close=False):
        if len(failures) < 2:
            failures.append(content)
            raise OSError
        await send(self, content, close)

    monkeypatch.setattr(ChatConsumer, "send_json", fail_twice)
    socket = open_socket(alice)
    await socket.connect()
    await socket.send_json_to({"type": "dance"})

    assert await socket.receive_json_from() == failures[0] == failures[1]
    await socket.disconnect()


async def test_the_id_of_a_deleted_conversation_is_refused(alice):
    from django.utils import timezone

    deleted = await Conversation.all_objects.acreate(owner=alice, deleted_at=timezone.now())
    socket = open_socket(alice)
    await socket.connect()

    await socket.send_json_to(question("Hello?", session_id=str(deleted.pk)))

    assert (await socket.receive_json_from())["metadata"]["error_type"] == "NOT_FOUND"
    await socket.disconnect()


async def test_an_agent_is_named_while_it_works_and_its_output_follows_the_text(alice, harbour, run_answers):
    socket = open_socket(alice)
    await socket.connect()
    await socket.send_json_to(question("Sum it up", agents=["summary"], video_ids=[str(harbour.pk)]))
    await wait_for_answer()
    await sync_to_async(run_answers)()
    outputs = await receive_end(socket)

    assert all(output["agents"] == ["summary"] and output["actions"] == ["stop"] for output in outputs[:-1])
    last = outputs[-1]
    assert (last["status"], last["agents"], last["actions"]) == ("success", [], ["regenerate"])
    assert [part["type"] for part in last["content"]] == ["text", "output"]
    assert {output["msg_id"] for output in outputs} == {last["msg_id"]}
    await socket.disconnect()


async def test_a_guest_is_told_to_sign_in_for_an_agent_and_nothing_is_stored():
    socket = open_socket(query="?guest=a-guest-of-sage")
    await socket.connect()
    await socket.send_json_to(question("@analysis"))
    output = await socket.receive_json_from()

    assert (output["status"], output["metadata"]["error_type"]) == ("error", "FORBIDDEN")
    assert output["message"] == "Sign in to call @analysis."
    assert not await Conversation.objects.aexists()
    await socket.disconnect()
