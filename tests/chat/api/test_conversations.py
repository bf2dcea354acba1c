import uuid

import pytest
from django.utils import timezone

from chat.models import AskedQuestion, Conversation, Message
from videos.models import Collection, Comparison, Job, Video

pytestmark = pytest.mark.django_db
KEYS = {
    *("id", "title", "video_id", "video_ids", "comparison_id", "collection_id", "pinned"),
    *("created_at", "updated_at"),
}


def create(client, status=201, **body):
    answer = client.post("/v2/conversations", body, "application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def test_a_conversation_is_about_videos_in_order(alice_client, harbour, alice):
    other = Video.objects.create(owner=alice, title="Other", status="ready")
    made = create(alice_client, video_ids=[str(other.pk), str(harbour.pk), str(other.pk)])

    assert set(made) == KEYS
    assert (made["title"], made["video_id"]) == ("New Conversation", None)
    assert made["video_ids"] == [str(other.pk), str(harbour.pk)]
    assert create(alice_client, video_id=str(harbour.pk))["video_id"] == str(harbour.pk)


def test_a_youtube_video_is_added_with_its_jobs(alice_client):
    made = create(alice_client, video_ids=["https://youtu.be/dQw4w9WgXcQ"])

    assert made["video_ids"] == ["dQw4w9WgXcQ"]
    assert alice_client.get("/v2/videos").json()["total"] == 1
    assert Job.objects.filter(video__youtube_id="dQw4w9WgXcQ").exists()


def test_a_guest_asks_about_a_youtube_video_only(client, harbour):
    guest = {"headers": {"X-Guest-Session-ID": "a-guest-of-sage"}, "content_type": "application/json"}

    made = client.post("/v2/conversations", {"video_id": "dQw4w9WgXcQ"}, **guest)
    assert (made.status_code, made.json()["video_ids"]) == (201, ["dQw4w9WgXcQ"])
    assert client.post("/v2/conversations", {"video_id": str(harbour.pk)}, **guest).status_code == 404


def test_what_is_anothers_is_404(bob_client, alice, harbour):
    comparison = Comparison.objects.create(owner=alice, video_a=harbour, video_b=harbour)
    collection = Collection.objects.create(owner=alice, name="Autumn")

    for body in (
        {"video_id": str(harbour.pk)},
        {"video_ids": [str(uuid.uuid4())]},
        {"comparison_id": str(comparison.pk)},
        {"collection_id": str(collection.pk)},
    ):
        create(bob_client, 404, **body)
    assert not Conversation.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {"video_ids": "a"},
        {"video_ids": [7]},
        {"video_ids": ["x"]},
        {"title": 5},
        {"unknown": 1},
        {"comparison_id": "a"},
    ],
)
def test_an_invalid_body_is_422(alice_client, body):
    create(alice_client, 422, **body)


def test_pinned_conversations_are_listed_first(alice_client):
    ids = [create(alice_client, title=title)["id"] for title in ("First", "Second", "Third")]
    alice_client.patch(f"/v2/conversations/{ids[0]}", {"pinned": True}, "application/json")

    listed = alice_client.get("/v2/conversations").json()
    assert [row["title"] for row in listed["conversations"]] == ["First", "Third", "Second"]
    assert listed["total"] == 3
    assert alice_client.patch(f"/v2/conversations/{ids[0]}", {}, "application/json").status_code == 400


def test_a_deleted_conversation_is_hidden_and_can_be_restored(alice_client, bob_client):
    url = f"/v2/conversations/{create(alice_client)['id']}"

    assert "restore" in alice_client.delete(url).json()["message"]
    assert alice_client.get(url).status_code == 404
    assert alice_client.get("/v2/conversations").json()["total"] == 0
    assert bob_client.post(f"{url}/restore").status_code == 404
    assert alice_client.post(f"{url}/restore").status_code == 200
    assert alice_client.post(f"{url}/restore").status_code == 409


def test_logging_in_moves_the_conversations_of_a_guest(client, alice, bob):
    guest = {"X-Guest-Session-ID": "a-guest-of-sage"}
    made = client.post("/v2/conversations", {"video_id": "dQw4w9WgXcQ"}, "application/json", headers=guest).json()
    login = {"email": "alice@example.org", "password": "correct horse battery"}

    token = client.post("/v2/auth/login", login, "application/json", headers=guest).json()["token"]

    mine = {"Authorization": f"Bearer {token}"}
    assert client.get("/v2/conversations", headers=mine).json()["conversations"][0]["id"] == made["id"]
    assert client.get("/v2/videos", headers=mine).json()["total"] == 1
    assert client.get("/v2/conversations", headers=guest).json()["total"] == 0


def test_messages_are_found_by_words_and_by_meaning(alice_client, alice, bob_client):
    from sage.providers import registry

    conversation = Conversation.objects.create(owner=alice, title="Boats")
    texts = ["Fishing boats leave the harbour before sunrise.", "The museum is closed on Mondays."]
    embedder = registry.choose_text_embedder()
    for number, text in enumerate(texts, 1):
        vector = embedder.embed([text])[0]
        Message.objects.create(
            conversation=conversation, number=number, role="user", content=text, model=embedder.model, vector=vector
        )

    def find(client, text):
        return [row["content"] for row in client.get("/v2/messages", {"q": text}).json()["messages"]]

    assert find(alice_client, "sunrise") == texts[:1]
    assert find(alice_client, "when do ships sail at dawn")[:1] == texts[:1]
    assert find(alice_client, "") == texts[::-1]
    assert find(bob_client, "sunrise") == []
    found = alice_client.get("/v2/search", {"q": "sunrise", "kind": "message"}).json()["results"]
    assert [row["text"] for row in found] == texts[:1]


def test_a_conversation_is_exported_with_links_to_the_seconds(alice_client, alice, harbour):
    conversation = Conversation.objects.create(owner=alice, title="Harbour [tour]")
    citation = {"video_id": str(harbour.pk), "start": 5.02, "text": "At six."}
    Message.objects.create(conversation=conversation, number=1, role="user", content="When?")
    Message.objects.create(
        conversation=conversation,
        number=2,
        role="assistant",
        content="At six [0:05].",
        metadata={"citations": [citation]},
    )

    answer = alice_client.get(f"/v2/conversations/{conversation.pk}/export")

    text = answer.content.decode()
    assert "# Harbour [tour]" in text
    assert f"At six [0:05](http://testserver/videos/{harbour.pk}/?t=5.02)." in text
    assert "harbour-tour.md" in answer["Content-Disposition"]


def test_the_list_costs_a_constant_number_of_queries(alice_client, alice, harbour, django_assert_max_num_queries):
    for number in range(20):
        create(alice_client, title=f"Conversation {number}", video_id=str(harbour.pk))

    with django_assert_max_num_queries(8):
        assert len(alice_client.get("/v2/conversations?per_page=20").json()["conversations"]) == 20


def test_old_records_of_questions_and_conversations_of_absent_guests_are_deleted(alice):
    from datetime import timedelta

    from chat import tasks

    old = timezone.now() - timedelta(days=40)
    AskedQuestion.objects.create(user_id=alice.pk, answer_id=uuid.uuid4(), created_at=old)
    Conversation.objects.create(guest_id="a-guest-of-sage", updated_at=old)
    Conversation.objects.create(owner=alice, updated_at=old)
    Conversation.all_objects.create(owner=alice, deleted_at=old)

    tasks.clean()

    assert not AskedQuestion.objects.exists()
    assert [row.owner for row in Conversation.all_objects.all()] == [alice]
