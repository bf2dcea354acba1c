"""YouTube videos are one row for all users, with an entry in the library of each."""

from urllib.parse import quote

import pytest
from django.test import Client

from accounts.viewer import Viewer
from videos.library.purge import purge_expired, purge_owner
from videos.models import Collection, Job, LibraryEntry, Video
from videos.youtube.entries import add_video

pytestmark = pytest.mark.django_db
ID = "dQw4w9WgXcQ"
URL = f"https://www.youtube.com/watch?v={ID}"


def post_url(client, url=URL):
    return client.post("/v2/videos", {"url": url}, content_type="application/json")


@pytest.fixture
def ready_video(alice):
    add_video(Viewer(alice), ID)
    rows = Video.objects.filter(youtube_id=ID)
    rows.update(status="ready", title="Shared title", duration=60.0)
    return rows.get()


def test_adding_by_address_creates_the_row_and_its_jobs(alice_client):
    answer = post_url(alice_client)

    body = answer.json()
    assert answer.status_code == 201
    assert (body["video_id"], body["source"], body["status"], body["size"]) == (ID, "youtube", "processing", 0)
    assert {job["kind"]: job["status"] for job in body["jobs"]} == {"metadata": "pending", "transcript": "pending"}
    assert body["version"] is None and body["collection_id"] is None


def test_adding_twice_and_by_another_user_is_one_row(alice_client, bob_client):
    first = post_url(alice_client).json()

    again, of_bob = post_url(alice_client, f"https://youtu.be/{ID}"), post_url(bob_client, ID)

    assert (again.status_code, of_bob.status_code) == (200, 201)
    assert {first["id"], again.json()["id"], of_bob.json()["id"]} == {str(Video.objects.get().pk)}
    assert LibraryEntry.objects.count() == 2 and Job.objects.count() == 2


@pytest.mark.parametrize("url", [f"{URL}&list=PL1", "https://vimeo.com/1", ""])
def test_a_wrong_address_is_refused_with_a_sentence(alice_client, url):
    answer = post_url(alice_client, url)

    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == "url"
    assert not Video.objects.exists()


def test_percent_encoded_addresses_work_in_paths_and_queries(alice_client, ready_video):
    address = quote(URL, safe="")

    assert alice_client.get(f"/v2/videos/{address}").json()["video_id"] == ID
    assert alice_client.get(f"/v2/videos/{quote('https://youtu.be/' + ID, safe='')}/chapters").json() == []
    assert alice_client.get(f"/v2/search?q=shared&video_id={address}").json()["total"] == 1
    assert alice_client.get(f"/v2/videos/{quote(URL + '&list=PL1', safe='')}").status_code == 422
    assert alice_client.get(f"/v2/videos/{ready_video.pk}").json()["video_id"] == ID


def test_title_and_collection_are_those_of_the_entry(alice, alice_client, bob_client, ready_video):
    post_url(bob_client)
    collection = Collection.objects.create(owner=alice, name="Seen")
    change = {"title": "My title", "collection_id": str(collection.pk)}

    answer = alice_client.patch(f"/v2/videos/{ID}", change, content_type="application/json").json()

    of_bob = bob_client.get(f"/v2/videos/{ID}").json()
    assert (answer["title"], answer["collection_id"]) == ("My title", str(collection.pk))
    assert (of_bob["title"], of_bob["collection_id"]) == ("Shared title", None)
    listed = alice_client.get(f"/v2/videos?collection_id={collection.pk}&q=my+title&sort=title_asc").json()
    assert [video["title"] for video in listed["videos"]] == ["My title"]
    assert alice_client.get("/v2/collections").json()["collections"][0]["video_count"] == 1
    assert [hit["title"] for hit in alice_client.get("/v2/search?q=title").json()["results"]] == ["My title"]
    assert alice_client.get("/v2/search?q=shared").json()["total"] == 0


def test_another_users_collection_is_not_found(bob, alice_client, ready_video):
    collection = Collection.objects.create(owner=bob, name="His")

    answer = alice_client.patch(
        f"/v2/videos/{ID}", {"collection_id": str(collection.pk)}, content_type="application/json"
    )

    assert answer.status_code == 404


def test_deleting_takes_the_own_entry_and_restoring_brings_it_back(alice_client, bob_client, ready_video):
    post_url(bob_client)

    assert alice_client.delete(f"/v2/videos/{ID}").status_code == 204

    assert alice_client.get("/v2/videos").json()["total"] == 0
    assert alice_client.get(f"/v2/videos/{ID}").status_code == 200  # the shared facts
    assert bob_client.get("/v2/videos").json()["total"] == 1
    assert alice_client.delete(f"/v2/videos/{ID}").status_code == 404
    assert alice_client.post(f"/v2/videos/{ID}/restore").status_code == 200
    assert alice_client.get("/v2/videos").json()["total"] == 1
    assert alice_client.post(f"/v2/videos/{ID}/restore").status_code == 409


def test_a_stranger_may_read_the_shared_row_but_not_change_it(bob_client, ready_video):
    assert bob_client.get(f"/v2/videos/{ID}").status_code == 200
    assert bob_client.get("/v2/videos").json()["total"] == 0
    assert bob_client.patch(f"/v2/videos/{ID}", {"title": "x"}, content_type="application/json").status_code == 404
    assert bob_client.get("/v2/search?q=shared").json()["total"] == 0
    assert bob_client.post(f"/v2/videos/{ID}/retry").status_code == 404


def test_guests_may_follow_the_stream_and_visitors_may_not(ready_video):
    guest = {"X-Guest-Session-ID": "a-guest-of-sage"}

    assert Client().get(f"/v2/videos/{ID}/stream", headers=guest).status_code == 200
    assert Client().get(f"/v2/videos/{ID}/stream").status_code == 401
    assert Client().get(f"/videos/{ID}/").status_code == 200


def test_a_youtube_video_cannot_be_compared_cancelled_or_downloaded(alice_client, alice_pair, ready_video):
    body = {"video_a": ID, "video_b": str(alice_pair[0].pk)}

    compared = alice_client.post("/v2/comparisons", body, content_type="application/json")

    assert compared.status_code == 409 and "Upload the file" in compared.json()["error"]["message"]
    assert alice_client.post(f"/v2/videos/{ID}/cancel").status_code == 409
    assert alice_client.get(f"/v2/videos/{ID}/file").status_code == 404


def test_purging_removes_old_entries_and_keeps_the_shared_row(alice, bob, ready_video, settings):
    add_video(Viewer(bob), ID)
    LibraryEntry.objects.filter(user=alice).update(deleted_at="2020-01-01T00:00:00Z")

    purge_expired()
    assert [entry.user for entry in LibraryEntry.objects.all()] == [bob]

    purge_owner(bob)
    assert not LibraryEntry.objects.exists() and Video.objects.count() == 1


def test_adding_a_failed_video_tries_again(alice, bob, ready_video):
    Video.objects.update(status="failed", error="This video is private.")
    Job.objects.filter(kind="metadata").update(status="failed", error="This video is private.")

    video, is_new = add_video(Viewer(bob), ID)

    assert is_new and video.status == "processing"
    assert video.jobs.get(kind="metadata").status == "pending"
