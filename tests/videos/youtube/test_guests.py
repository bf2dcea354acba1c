"""Visitors without an account open YouTube videos as guests."""

import pytest

from accounts.viewer import GUEST_COOKIE
from videos.models import Job, Video
from videos.youtube.entries import get_or_create_video

VIDEO_ID = "dQw4w9WgXcQ"
PAGE = f"/videos/{VIDEO_ID}/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def youtube_video() -> Video:
    video = get_or_create_video(VIDEO_ID, "A song")
    Job.objects.update(status="completed")
    Video.objects.update(status="ready", duration=100.0)
    return video


def test_a_guest_gets_a_signed_cookie_and_keeps_it(client, youtube_video):
    first = client.get(PAGE).cookies[GUEST_COOKIE]
    second = client.get(PAGE).cookies[GUEST_COOKIE]

    assert first["httponly"] and first["samesite"] == "Lax"
    assert first.value.partition(":")[0] == second.value.partition(":")[0]


def test_the_cookie_of_a_guest_opens_the_stream_and_a_forged_one_does_not(client, youtube_video):
    client.get(PAGE)
    assert client.get(f"/v2/videos/{VIDEO_ID}/stream").status_code == 200

    client.cookies[GUEST_COOKIE] = "forged-guest-id:1abc:signature"
    assert client.get(f"/v2/videos/{VIDEO_ID}/stream").status_code == 401


def test_the_cookie_of_a_guest_opens_nothing_else(client, youtube_video):
    client.get(PAGE)

    assert client.get(f"/v2/videos/{VIDEO_ID}").status_code == 401
    assert client.get("/v2/videos").status_code == 401
    assert client.post("/library/youtube/", {"url": VIDEO_ID}).status_code == 302
    assert client.get("/library/").status_code == 302


def test_a_guest_is_asked_to_sign_in_and_sees_no_forms_of_owners(client, youtube_video):
    page = client.get(PAGE).content.decode()

    assert "Sign in to add this video" in page
    assert "Upload a transcript" not in page and "Remove from library" not in page


def test_an_unknown_youtube_video_is_not_found_and_sets_no_cookie(client, db):
    answer = client.get("/videos/aaaaaaaaaaa/")

    assert answer.status_code == 404
    assert GUEST_COOKIE not in answer.cookies


def test_an_upload_stays_hidden_from_guests(client, alice, youtube_video):
    upload = Video.objects.create(owner=alice, title="t", filename="f.mp4", size=1, storage_key="k", status="ready")
    client.get(PAGE)

    assert client.get(f"/videos/{upload.pk}/").status_code == 404
    assert client.get(f"/v2/videos/{upload.pk}/stream").status_code == 404


def test_only_the_page_of_a_youtube_video_may_load_its_player(client, alice_client, alice, youtube_video):
    upload = Video.objects.create(owner=alice, title="t", filename="f.mp4", size=1, storage_key="k", status="ready")

    policy = client.get(PAGE).headers["Content-Security-Policy"]
    assert "frame-src https://www.youtube-nocookie.com" in policy
    assert "script-src 'self' https://www.youtube.com;" in policy + ";"
    assert "youtube" not in alice_client.get(f"/videos/{upload.pk}/").headers["Content-Security-Policy"]


def test_a_user_who_has_not_added_the_video_can_add_it(alice_client, youtube_video):
    assert "Add to library" in alice_client.get(PAGE).content.decode()
    alice_client.post("/library/youtube/", {"url": VIDEO_ID})

    page = alice_client.get(PAGE).content.decode()
    assert "Remove from library" in page and "Upload a transcript" in page


def test_a_wrong_link_is_explained_and_adds_nothing(alice_client):
    answer = alice_client.post("/library/youtube/", {"url": "https://example.org/watch?v=1"}, follow=True)

    assert "not the address of a YouTube video" in answer.content.decode()
    assert not Video.objects.filter(source="youtube").exists()
