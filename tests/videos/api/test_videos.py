import json
import uuid
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.viewer import Viewer
from sage.jobs import queue
from sage.storage import storage
from videos.api import stream
from videos.models import Collection, Job, Video

pytestmark = pytest.mark.django_db
KEYS = {
    "id", "video_id", "source", "title", "filename", "size", "content_type", "duration", "metadata",
    "transcript_available", "summary", "suggested_questions", "status", "collection_id", "version", "jobs",
    "created_at", "updated_at",
}  # fmt: skip


@pytest.fixture
def create_videos(alice):
    """Return a function that creates videos of Alice by title, oldest first."""

    def make(*titles):
        created = []
        for day, title in enumerate(titles):
            video = Video.objects.create(
                owner=alice, title=title, filename="a.mp4", size=1, storage_key=f"videos/{title}", status="ready"
            )
            Video.objects.filter(pk=video.pk).update(created_at=timezone.now() + timedelta(days=day))
            created.append(video)
        return created

    return make


def titles(answer):
    return [video["title"] for video in answer.json()["videos"]]


def test_the_list_has_the_users_videos_newest_first(alice_client, bob_client, create_videos):
    create_videos("one", "two", "three")

    answer = alice_client.get("/v2/videos?per_page=2")

    assert titles(answer) == ["three", "two"]
    assert {name: answer.json()[name] for name in ("total", "page", "per_page", "total_pages")} == {
        "total": 3, "page": 1, "per_page": 2, "total_pages": 2,
    }  # fmt: skip
    assert set(answer.json()["videos"][0]) == KEYS
    assert bob_client.get("/v2/videos").json()["videos"] == []


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("sort=created_at_asc", ["Beach", "Autumn", "Café"]),
        ("sort=title_asc", ["Autumn", "Beach", "Café"]),
        ("sort=title_desc", ["Café", "Beach", "Autumn"]),
        ("q=eac", ["Beach"]),
        ("q=CAFÉ", ["Café"]),
        ("q=x", ["Café", "Autumn", "Beach"]),
        ("q=%25%25", []),
        ("page=2", []),
    ],
)
def test_the_list_is_sorted_and_searched(alice_client, create_videos, query, shown):
    create_videos("Beach", "Autumn", "Café")

    assert titles(alice_client.get(f"/v2/videos?{query}")) == shown


def test_an_unknown_order_is_400(alice_client):
    answer = alice_client.get("/v2/videos?sort=size")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_REQUEST")


def test_the_query_count_does_not_grow_with_the_list(alice_client, create_videos, django_assert_num_queries):
    create_videos(*[f"cut {number}" for number in range(12)])

    alice_client.get("/v2/videos")  # the session is renewed

    with django_assert_num_queries(4):  # user, count, videos, jobs
        alice_client.get("/v2/videos?per_page=12")


def test_a_file_is_uploaded_in_one_request(alice_client, clip):
    with clip.open("rb") as file:
        answer = alice_client.post("/v2/videos", {"file": file})

    assert answer.status_code == 201
    assert answer.json()["filename"] == clip.name
    assert [job["kind"] for job in answer.json()["jobs"]] == ["probe", "ingest"]


def test_a_text_file_with_the_name_of_a_video_is_415(alice_client):
    file = SimpleUploadedFile("film.mp4", b"This is not a video.\n" * 1000, "video/mp4")

    answer = alice_client.post("/v2/videos", {"file": file})

    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert "film.mp4" in answer.json()["error"]["message"]
    assert not Video.objects.exists() and not list(storage.keys("videos"))


def test_uploading_the_same_file_returns_the_same_video(alice_client, clip):
    create_videos = [alice_client.post("/v2/videos", {"file": clip.open("rb")}) for _ in range(2)]

    assert [answer.status_code for answer in create_videos] == [201, 200]
    assert create_videos[0].json()["id"] == create_videos[1].json()["id"]


def test_a_form_without_a_file_names_the_field(alice_client):
    answer = alice_client.post("/v2/videos", {"title": "x"})

    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == "file"


def test_a_video_is_renamed_and_moved_in_and_out_of_a_collection(alice_client, alice, create_videos):
    [video] = create_videos("old")
    mine = Collection.objects.create(owner=alice, name="Autumn")
    url = f"/v2/videos/{video.pk}"

    moved_in = alice_client.patch(url, {"title": "new", "collection_id": str(mine.pk)}, "application/json").json()
    assert (moved_in["title"], moved_in["collection_id"]) == ("new", str(mine.pk))
    assert titles(alice_client.get(f"/v2/videos?collection_id={mine.pk}")) == ["new"]

    moved_out = alice_client.patch(url, {"collection_id": None}, "application/json").json()
    assert (moved_out["title"], moved_out["collection_id"]) == ("new", None)


@pytest.mark.parametrize("wanted", [{"title": ""}, {"title": 7}, {"title": "x" * 301}, {"collection_id": "autumn"}])
def test_an_invalid_change_is_refused(alice_client, create_videos, wanted):
    [video] = create_videos("old")

    assert alice_client.patch(f"/v2/videos/{video.pk}", wanted, "application/json").status_code == 422
    assert Video.objects.get().title == "old"


def test_a_video_cannot_be_moved_to_another_users_collection(alice_client, bob, create_videos):
    [video] = create_videos("old")
    collection = Collection.objects.create(owner=bob, name="His")

    answer = alice_client.patch(f"/v2/videos/{video.pk}", {"collection_id": str(collection.pk)}, "application/json")

    assert answer.status_code == 404
    assert Video.objects.get().collection is None


def test_a_deleted_video_is_hidden_and_can_be_restored(alice_client, create_videos):
    [video] = create_videos("old")
    url = f"/v2/videos/{video.pk}"

    assert alice_client.delete(url).status_code == 204
    assert alice_client.get(url).status_code == 404
    assert titles(alice_client.get("/v2/videos")) == []

    assert alice_client.post(f"{url}/restore").json()["status"] == "ready"
    assert titles(alice_client.get("/v2/videos")) == ["old"]
    assert alice_client.post(f"{url}/restore").status_code == 409


def test_restoring_resumes_the_stopped_jobs(alice_client, alice, clip, make_video):
    video = make_video(alice, clip)
    alice_client.delete(f"/v2/videos/{video.pk}")
    assert set(Job.objects.values_list("status", flat=True)) == {"cancelled"}

    answer = alice_client.post(f"/v2/videos/{video.pk}/restore").json()

    assert answer["status"] == "processing"
    assert [job["status"] for job in answer["jobs"]] == ["pending", "pending"]


def test_an_expired_deletion_cannot_be_restored(alice_client, create_videos):
    [video] = create_videos("old")
    Video.objects.update(deleted_at=timezone.now() - timedelta(days=8))

    assert alice_client.post(f"/v2/videos/{video.pk}/restore").status_code == 404


def test_jobs_are_cancelled_and_retried(alice_client, alice, clip, make_video):
    url = f"/v2/videos/{make_video(alice, clip).pk}"

    assert alice_client.post(f"{url}/cancel").json()["status"] == "cancelled"
    assert alice_client.post(f"{url}/cancel").status_code == 409
    assert alice_client.post(f"{url}/retry").json()["status"] == "processing"
    assert alice_client.post(f"{url}/retry").status_code == 409


@pytest.mark.parametrize(
    ("method", "below"),
    [("get", ""), ("patch", ""), ("delete", ""), ("get", "/stream"), ("get", "/file")]
    + [("post", f"/{what}") for what in ("restore", "cancel", "retry")],
)
def test_another_users_video_is_404(bob_client, create_videos, method, below):
    [video] = create_videos("hers")
    Video.objects.update(deleted_at=timezone.now() if below == "/restore" else None)

    assert getattr(bob_client, method)(f"/v2/videos/{video.pk}{below}").status_code == 404
    assert getattr(bob_client, method)(f"/v2/videos/{uuid.uuid4()}{below}").status_code == 404


# --- Stream ---


def read_events(answer):
    """Return the events of a stream as (name, data)."""

    @async_to_sync
    async def read():
        return [piece async for piece in answer.streaming_content]

    blocks = [piece.decode() for piece in read()]
    return [(block.split("\n")[0].removeprefix("event: "), json.loads(block.split("data: ")[1])) for block in blocks]


@pytest.mark.django_db(transaction=True)
def test_the_stream_of_a_ready_video_ends_at_once(alice_client, create_videos):
    [video] = create_videos("old")

    answer = alice_client.get(f"/v2/videos/{video.pk}/stream", headers={"Accept": "text/event-stream"})

    assert answer["Content-Type"] == "text/event-stream"
    (first, snapshot), (last, done) = read_events(answer)
    assert (first, last) == ("snapshot", "done")
    assert set(snapshot) == {"event", "video"} and snapshot["video"]["video_id"] == str(video.pk)
    assert done["video"] == snapshot["video"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("channel_layer", ["available", "unavailable"])
def test_the_stream_sends_each_change_until_no_job_is_open(
    alice, clip, make_video, monkeypatch, request, channel_layer
):
    if channel_layer == "unavailable":
        request.getfixturevalue("unavailable_channel_layer")
    monkeypatch.setattr(stream, "POLL_SECONDS", 0.05)
    video = make_video(alice, clip)

    @async_to_sync
    async def follow():
        names = []
        async for piece in stream.stream_status(Viewer(alice), video).streaming_content:
            names.append(piece.decode().split("\n")[0])
            if len(names) == 1:
                await sync_to_async(queue.cancel)(Job.objects.of(video))
        return names

    assert follow() == ["event: snapshot", "event: update", "event: done"]


@pytest.mark.django_db(transaction=True)
def test_the_stream_ends_after_its_maximum_duration(alice, clip, make_video, monkeypatch):
    monkeypatch.setattr(stream, "MAX_SECONDS", 0.2)

    @async_to_sync
    async def follow(video):
        return [piece async for piece in stream.stream_status(Viewer(alice), video).streaming_content]

    assert len(follow(make_video(alice, clip))) == 1
