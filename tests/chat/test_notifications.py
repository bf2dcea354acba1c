"""Answers that ended while their asker was elsewhere."""

import asyncio

import pytest

from accounts.viewer import Viewer
from chat import conversations, questions, streams
from chat.models import AnswerJob, Message
from chat.questions import NewQuestion
from sage.jobs import queue
from videos import notifications

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def answer(alice, harbour):
    """Ask a question, whose answer is not written yet."""
    conversation = conversations.create_conversation(Viewer(alice), video_ids=[str(harbour.pk)])
    return questions.ask(Viewer(alice), conversation, NewQuestion(text="When does the harbour open?", address=""))


def list_texts(user):
    return [str(notice) for notice in notifications.select_latest(Viewer(user))]


def follow(answer, act):
    """Call a function while a reader follows the answer."""

    async def read():
        groups = streams.follow_answer(answer.pk)
        first = asyncio.ensure_future(anext(groups))
        while not await asyncio.to_thread(streams.has_readers, answer.pk):
            await asyncio.sleep(0.01)
        await asyncio.to_thread(act)
        await first
        await groups.aclose()

    asyncio.run(read())


def test_an_answer_that_no_page_follows_is_notified(alice, bob, answer, run_answers):
    run_answers()

    assert list_texts(alice) == ["Answer ready: “When does the harbour open?”"]
    assert list_texts(bob) == []
    assert notifications.count_unread(Viewer(alice)) == 1


def test_an_answer_that_is_followed_is_not_notified(alice, answer, run_answers):
    follow(answer, run_answers)

    assert Message.objects.get(pk=answer.pk).status == Message.Status.COMPLETE
    assert list_texts(alice) == []
    assert not streams.has_readers(answer.pk)


def test_a_reader_that_has_left_does_not_count(alice, answer, run_answers):
    streams.AnswerWriter(answer.pk).append(streams.Kind.PROGRESS, "Reading")
    follow(answer, lambda: None)
    run_answers()

    assert list_texts(alice) == ["Answer ready: “When does the harbour open?”"]


def test_a_failed_answer_is_notified_and_a_stopped_one_is_not(alice, answer):
    questions.stop_answer(answer)
    assert list_texts(alice) == []

    again = questions.regenerate(Viewer(alice), answer, "")
    job = queue.claim(AnswerJob, again.job.pk)
    queue.fail(job, "The worker died.")

    assert list_texts(alice) == ["Answer failed: “When does the harbour open?”"]


@pytest.mark.parametrize("is_panel", [False, True])
def test_reading_the_conversation_marks_it_as_read(alice, alice_client, answer, harbour, run_answers, is_panel):
    run_answers()
    panel = f"/videos/{harbour.pk}/?panel="
    alice_client.get(f"{panel}notes")
    assert notifications.count_unread(Viewer(alice)) == 1

    alice_client.get(f"{panel}ask" if is_panel else f"/chat/{answer.conversation_id}/")

    assert notifications.count_unread(Viewer(alice)) == 0


def test_a_notification_opens_the_conversation_and_goes_with_it(alice, alice_client, answer, run_answers):
    run_answers()
    notice = notifications.select_latest(Viewer(alice))[0]
    assert alice_client.get(f"/notices/{notice.pk}/").url == f"/chat/{answer.conversation_id}/"

    conversations.delete_conversation(answer.conversation)

    assert list_texts(alice) == []
