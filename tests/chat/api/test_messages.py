import pytest

from chat.models import Message
from tests.chat.talk import join_content, read_events

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def conversation(alice_client, harbour):
    body = {"video_ids": [str(harbour.pk)]}
    return alice_client.post("/v2/conversations", body, "application/json").json()


@pytest.fixture
def ask(alice_client, conversation, run_answers):
    """Return a function that asks, has the worker answer, and returns the response with its events."""

    def ask(text, **fields):
        url = f"/v2/conversations/{conversation['id']}/messages"
        response = alice_client.post(url, {"message": text, **fields}, "application/json")
        run_answers()
        return response, read_events(response) if response.streaming else []

    return ask


def test_an_answer_quotes_the_transcript_and_cites_the_second(ask, harbour):
    response, events = ask("When does the harbour open?")

    assert response["Content-Type"] == "text/event-stream"
    assert "“The harbour opens at six in the morning.” [0:05]" in join_content(events)
    assert events[-1][1] == "[DONE]"
    answer = Message.objects.get(pk=response["X-Message-ID"])
    assert (answer.status, answer.content) == ("complete", join_content(events))
    assert answer.citations[0] == {
        "video_id": str(harbour.pk), "start": 5.0, "text": "The harbour opens at six in the morning.",
    }  # fmt: skip


def test_a_stream_is_taken_up_after_any_event(alice_client, ask, conversation):
    response, events = ask("When does the harbour open?")
    url = f"/v2/conversations/{conversation['id']}/messages/{response['X-Message-ID']}/stream"

    for number, _ in events[:-1]:
        rest = read_events(alice_client.get(url, headers={"Last-Event-ID": str(number)}))
        assert rest == [event for event in events if event[0] > number]


def test_the_messages_are_listed_oldest_first(alice_client, ask, conversation):
    ask("When does the harbour open?")
    ask("What do tickets cost?")

    url = f"/v2/conversations/{conversation['id']}/messages"
    messages = alice_client.get(url).json()
    assert [message["role"] for message in messages] == ["user", "assistant"] * 2
    assert set(messages[0]) == {
        "id", "conversation_id", "role", "content", "status", "chat_type", "video_ids", "metadata", "created_at",
    }  # fmt: skip
    last = alice_client.get(url, {"limit": 2})
    assert last.json() == messages[2:]
    assert f"before={messages[2]['id']}" in last["Link"]
    assert alice_client.get(url, {"before": messages[2]["id"]}).json() == messages[:2]


def test_what_is_not_said_is_not_invented(ask):
    _, events = ask("Who won the election in Brazil?")

    assert join_content(events) == "This is not said in the video."


def test_a_deleted_conversation_has_no_messages_and_no_streams(alice_client, ask, conversation):
    response, _ = ask("When does the harbour open?")
    url = f"/v2/conversations/{conversation['id']}"
    answer = f"{url}/messages/{response['X-Message-ID']}"
    alice_client.delete(url)

    for path in (f"{url}/messages", f"{answer}/stream"):
        assert alice_client.get(path).status_code == 404
    for path in (f"{url}/messages", f"{answer}/stop", f"{answer}/regenerate"):
        assert alice_client.post(path, {"message": "When?"}, "application/json").status_code == 404


@pytest.mark.parametrize("text", ["", " \n ", "x" * 100_000, 7, None])
def test_a_question_that_is_empty_or_too_long_is_422(alice_client, conversation, text):
    url = f"/v2/conversations/{conversation['id']}/messages"

    assert alice_client.post(url, {"message": text}, "application/json").status_code == 422
    assert not Message.objects.exists()


def test_an_agent_is_called_by_name(ask):
    response, events = ask("The main points, please", agent="summary")
    assert {"progress": "@summary is working"} in [data for _, data in events]
    assert Message.objects.get(pk=response["X-Message-ID"]).agent == "summary"


@pytest.mark.parametrize(
    "body",
    [{"message": "Hi", "agent": "nobody"}, {"message": "@summary", "agent": "search"}, {"message": "@notes @search"}],
)
def test_unknown_and_several_agents_are_refused(alice_client, conversation, body):
    response = alice_client.post(f"/v2/conversations/{conversation['id']}/messages", body, "application/json")
    assert response.status_code == 422
    assert response.json()["error"]["details"][0]["field"] == "agent"
    assert not Message.objects.exists()
