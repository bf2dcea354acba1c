import json
import uuid
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.utils import timezone

from videos import jobs, readiness
from videos.models import Collection, Job, Video

pytestmark = pytest.mark.django_db
KEYS = {
    "id", "video_id", "source", "title", "filename", "size", "content_type", "duration", "metadata",
    "transcript_available", "summary", "suggested_questions", "status", "collection_id", "version", "jobs",
    "created_at", "updated_at",
}  # fmt: skip


@pytest.fixture
def named(alice):
    """Videos of Alice's, by title, the first the oldest."""

    def make(*titles):
        made = []
        for day, title in enumerate(titles):
            video = Video.objects.create(
                owner=alice, title=title, filename="a.mp4", size=1, storage_key=f"videos/{title}", status="ready"
            )
            Video.objects.filter(pk=video.pk).update(created_at=timezone.now() + timedelta(days=day))
            made.append(video)
        return made

    return make


def titles(answer):
    return [video["title"] for video in answer.json()["videos"]]


def test_a_list_holds_ones_own_videos_newest_first(alices, bobs, named):
    named("one", "two", "three")

    answer = alices.get("/v2/videos?per_page=2")

    assert titles(answer) == ["three", "two"]
    assert {name: answer.json()[name] for name in ("total", "page", "per_page", "total_pages")} == {
        "total": 3, "page": 1, "per_page": 2, "total_pages": 2,
    }  # fmt: skip
    assert set(answer.json()["videos"][0]) == KEYS
    assert bobs.get("/v2/videos").json()["videos"] == []


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
def test_a_list_is_sorted_and_searched(alices, named, query, shown):
    named("Beach", "Autumn", "Café")

    assert titles(alices.get(f"/v2/videos?{query}")) == shown


def test_an_unknown_order_is_400(alices):
    answer = alices.get("/v2/videos?sort=size")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_REQUEST")


def test_a_list_costs_the_same_few_queries_however_long(alices, named, django_assert_num_queries):
    named(*[f"cut {number}" for number in range(12)])

    alices.get("/v2/videos")  # the session is renewed

    with django_assert_num_queries(4):  # user, count, videos, jobs
        alices.get("/v2/videos?per_page=12")


def test_a_file_is_uploaded_whole(alices, clip):
    with clip.open("rb") as file:
        answer = alices.post("/v2/videos", {"file": file})

    assert answer.status_code == 201
    assert answer.json()["filename"] == clip.name
    assert [job["kind"] for job in answer.json()["jobs"]] == ["probe", "ingest"]


def test_the_same_file_again_is_the_same_video(alices, clip):
    named = [alices.post("/v2/videos", {"file": clip.open("rb")}) for _ in range(2)]

    assert [answer.status_code for answer in named] == [201, 200]
    assert named[0].json()["id"] == named[1].json()["id"]


def test_a_form_without_a_file_is_told_which_field(alices):
    answer = alices.post("/v2/videos", {"title": "x"})

    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == "file"


def test_a_video_is_renamed_and_put_into_a_collection_and_out_again(alices, alice, named):
    [video] = named("old")
    mine = Collection.objects.create(owner=alice, name="Autumn")
    here = f"/v2/videos/{video.pk}"

    put_in = alices.patch(here, {"title": "new", "collection_id": str(mine.pk)}, "application/json").json()
    assert (put_in["title"], put_in["collection_id"]) == ("new", str(mine.pk))
    assert titles(alices.get(f"/v2/videos?collection_id={mine.pk}")) == ["new"]

    taken_out = alices.patch(here, {"collection_id": None}, "application/json").json()
    assert (taken_out["title"], taken_out["collection_id"]) == ("new", None)


@pytest.mark.parametrize("wanted", [{"title": ""}, {"title": 7}, {"title": "x" * 301}, {"collection_id": "autumn"}])
def test_a_wrong_change_is_refused(alices, named, wanted):
    [video] = named("old")

    assert alices.patch(f"/v2/videos/{video.pk}", wanted, "application/json").status_code == 422
    assert Video.objects.get().title == "old"


def test_a_video_goes_into_no_collection_of_somebody_else(alices, bob, named):
    [video] = named("old")
    his = Collection.objects.create(owner=bob, name="His")

    answer = alices.patch(f"/v2/videos/{video.pk}", {"collection_id": str(his.pk)}, "application/json")

    assert answer.status_code == 404
    assert Video.objects.get().collection is None


def test_a_deleted_video_is_hidden_and_can_be_restored(alices, named):
    [video] = named("old")
    here = f"/v2/videos/{video.pk}"

    assert alices.delete(here).status_code == 204
    assert alices.get(here).status_code == 404
    assert titles(alices.get("/v2/videos")) == []

    assert alices.post(f"{here}/restore").json()["status"] == "ready"
    assert titles(alices.get("/v2/videos")) == ["old"]
    assert alices.post(f"{here}/restore").status_code == 409


def test_restoring_goes_on_with_what_was_stopped(alices, alice, clip, make_video):
    video = make_video(alice, clip)
    alices.delete(f"/v2/videos/{video.pk}")
    assert set(Job.objects.values_list("status", flat=True)) == {"cancelled"}

    answer = alices.post(f"/v2/videos/{video.pk}/restore").json()

    assert answer["status"] == "processing"
    assert [job["status"] for job in answer["jobs"]] == ["pending", "pending"]


def test_after_the_grace_nothing_is_restored(alices, named):
    [video] = named("old")
    Video.objects.update(deleted_at=timezone.now() - timedelta(days=8))

    assert alices.post(f"/v2/videos/{video.pk}/restore").status_code == 404


def test_work_is_cancelled_and_retried(alices, alice, clip, make_video):
    here = f"/v2/videos/{make_video(alice, clip).pk}"

    assert alices.post(f"{here}/cancel").json()["status"] == "cancelled"
    assert alices.post(f"{here}/cancel").status_code == 409
    assert alices.post(f"{here}/retry").json()["status"] == "processing"
    assert alices.post(f"{here}/retry").status_code == 409


@pytest.mark.parametrize(
    ("method", "below"),
    [("get", ""), ("patch", ""), ("delete", ""), ("get", "/stream"), ("get", "/file")]
    + [("post", f"/{what}") for what in ("restore", "cancel", "retry")],
)
def test_anothers_video_is_not_there(bobs, named, method, below):
    [video] = named("hers")
    Video.objects.update(deleted_at=timezone.now() if below == "/restore" else None)

    assert getattr(bobs, method)(f"/v2/videos/{video.pk}{below}").status_code == 404
    assert getattr(bobs, method)(f"/v2/videos/{uuid.uuid4()}{below}").status_code == 404


# --- The stream ---


def heard(answer):
    """The events of a stream, as (name, data)."""

    @async_to_sync
    async def read():
        return [piece async for piece in answer.streaming_content]

    blocks = [piece.decode() for piece in read()]
    return [(block.split("\n")[0].removeprefix("event: "), json.loads(block.split("data: ")[1])) for block in blocks]


@pytest.mark.django_db(transaction=True)
def test_the_stream_of_a_ready_video_says_so_and_ends(alices, named):
    [video] = named("old")

    answer = alices.get(f"/v2/videos/{video.pk}/stream", headers={"Accept": "text/event-stream"})

    assert answer["Content-Type"] == "text/event-stream"
    (first, snapshot), (last, done) = heard(answer)
    assert (first, last) == ("snapshot", "done")
    assert set(snapshot) == {"event", "video"} and snapshot["video"]["video_id"] == str(video.pk)
    assert done["video"] == snapshot["video"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("news", ["there", "away"])
def test_the_stream_tells_each_step_until_nothing_is_left(alice, clip, make_video, monkeypatch, request, news):
    if news == "away":
        request.getfixturevalue("nowhere")
    monkeypatch.setattr(readiness, "LOOK_AGAIN_SECONDS", 0.05)
    video = make_video(alice, clip)

    @async_to_sync
    async def follow():
        names = []
        async for piece in readiness.stream(video).streaming_content:
            names.append(piece.decode().split("\n")[0])
            if len(names) == 1:
                await sync_to_async(jobs.cancel)(video)
        return names

    assert follow() == ["event: snapshot", "event: update", "event: done"]


@pytest.mark.django_db(transaction=True)
def test_the_stream_just_ends_after_a_while(alice, clip, make_video, monkeypatch):
    monkeypatch.setattr(readiness, "LASTS_SECONDS", 0.2)

    @async_to_sync
    async def follow(video):
        return [piece async for piece in readiness.stream(video).streaming_content]

    assert len(follow(make_video(alice, clip))) == 1
