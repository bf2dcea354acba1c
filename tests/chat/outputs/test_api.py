import uuid

import pytest
from django.test import Client

from chat.outputs.models import Output

pytestmark = pytest.mark.django_db

KEYS = {
    "id",
    "video_id",
    "comparison_id",
    "conversation_id",
    "collection_id",
    "type",
    "status",
    "content",
    "data",
    "metadata",
    "tokens_used",
    "created_at",
}


def test_outputs_have_exactly_the_documented_keys(alice_client, make_output, harbour):
    output = make_output(data={"a": 1})
    body = alice_client.get(f"/v2/outputs/{output.pk}").json()

    assert set(body) == KEYS
    assert (body["video_id"], body["data"], body["type"]) == (str(harbour.pk), {"a": 1}, "summary")
    assert body["metadata"]["model"] == "extractive:quotes"
    assert body["metadata"]["error"] is None
    assert alice_client.get("/v2/outputs").json()["outputs"] == [body]


def test_a_part_that_failed_is_a_row_with_its_error(alice_client, make_output):
    make_output(status="failed", content="", error_code="PROVIDER_ERROR", error="The model gave no answer.")
    [body] = alice_client.get("/v2/outputs").json()["outputs"]

    assert body["status"] == "failed"
    assert body["metadata"]["error"] == {"code": "PROVIDER_ERROR", "message": "The model gave no answer."}


def test_outputs_are_listed_by_video_collection_and_type(alice_client, make_output, harbour, alice):
    from videos.models import Collection, Video

    other = Video.objects.create(owner=alice, title="Museum", status="ready")
    collection = Collection.objects.create(owner=alice, name="Tours")
    first, second = make_output(), make_output(type="chapters", video=other, collection=collection)

    def list_ids(query):
        return [one["id"] for one in alice_client.get(f"/v2/outputs?{query}").json()["outputs"]]

    assert list_ids("") == [str(second.pk), str(first.pk)]
    assert list_ids(f"video_id={harbour.pk}") == [str(first.pk)]
    assert list_ids(f"collection_id={collection.pk}") == list_ids("type=chapters") == [str(second.pk)]
    assert alice_client.get("/v2/outputs?type=poem").status_code == 422


def test_outputs_of_others_are_not_found(bob_client, make_output, harbour):
    output = make_output()
    for rest in (f"/{output.pk}", f"?video_id={harbour.pk}", f"?collection_id={uuid.uuid4()}"):
        assert bob_client.get(f"/v2/outputs{rest}").status_code == 404
    assert bob_client.delete(f"/v2/outputs/{output.pk}").status_code == 404
    assert bob_client.get("/v2/outputs").json()["total"] == 0


def test_a_guest_reads_and_deletes_their_own_outputs(harbour, make_output):
    from videos.models import Video

    talk = Video.objects.create(title="Talk", youtube_id="abcdefghijk", source="youtube", status="ready")
    own = make_output(owner=None, guest_id="guest-12345678", video=talk)
    others = [make_output(owner=None, guest_id="guest-87654321", video=talk), make_output()]
    guest = Client(headers={"X-Guest-Session-ID": "guest-12345678"})

    for query in ("", "?video_id=abcdefghijk"):
        assert [one["id"] for one in guest.get(f"/v2/outputs{query}").json()["outputs"]] == [str(own.pk)]
    assert guest.get(f"/v2/outputs/{own.pk}").status_code == 200
    for hidden in (f"/{others[0].pk}", f"/{others[1].pk}", f"?video_id={harbour.pk}", f"?collection_id={uuid.uuid4()}"):
        assert guest.get(f"/v2/outputs{hidden}").status_code == 404
    assert guest.delete(f"/v2/outputs/{others[0].pk}").status_code == 404
    assert guest.delete(f"/v2/outputs/{own.pk}").status_code == 200
    assert guest.get("/v2/outputs").json()["total"] == 0


def test_a_deleted_output_is_hidden_and_removed_later(alice_client, make_output):
    from chat.outputs import storage

    output = make_output()
    assert alice_client.delete(f"/v2/outputs/{output.pk}").status_code == 200
    assert alice_client.get(f"/v2/outputs/{output.pk}").status_code == 404
    Output.all_objects.update(deleted_at="2020-01-01T00:00Z")
    storage.delete_expired()
    assert not Output.all_objects.exists()


def test_the_database_refuses_a_failed_output_without_a_reason(make_output):
    from django.db import IntegrityError

    with pytest.raises(IntegrityError):
        make_output(status="failed")


def test_agents_are_listed_for_who_asks(alice_client):
    mine = [agent["name"] for agent in alice_client.get("/v2/agents").json()]
    guests = Client().get("/v2/agents", headers={"X-Guest-Session-ID": "guest-12345678"}).json()

    assert {"summary", "search", "compare", "notes", "chapters", "analysis"} <= set(mine)
    assert [agent["name"] for agent in guests] == ["chapters", "search", "summary"]
    assert Client().get("/v2/agents").status_code == 401


def test_outputs_are_found_by_search(alice_client, bob_client, make_output):
    output = make_output(content="The lighthouse keeper retired.")
    [found] = alice_client.get("/v2/search?q=lighthouse+keeper&kind=output").json()["results"]

    assert (found["kind"], found["video_id"]) == ("output", str(output.video.pk))
    assert bob_client.get("/v2/search?q=lighthouse+keeper&kind=output").json()["results"] == []
