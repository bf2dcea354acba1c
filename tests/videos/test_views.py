import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from sage.storage import storage
from videos import demo
from videos.models import Comparison, Job, Video

pytestmark = pytest.mark.django_db
LIBRARY_QUERIES = 8
COMPARE_QUERIES = 9
NOWHERE = uuid.UUID(int=7)


@pytest.fixture
def many(alice):
    """Create thirty videos with all statuses."""
    for number in range(30):
        status = list(Video.Status)[number % 4]
        video = Video.objects.create(
            owner=alice,
            title=f"Take {number}",
            filename="t.mp4",
            size=10,
            storage_key=f"videos/{number}",
            status=status,
            error="This file is damaged." if status == Video.Status.FAILED else "",
            duration=12.5,
        )
        Job.objects.create(video=video, kind=Job.Kind.PROBE)
        Job.objects.create(video=video, kind=Job.Kind.INGEST)


def test_the_front_page_works_without_the_demonstration(client):
    answer = client.get("/")

    assert answer.status_code == 200
    assert b"/account/signup/" in answer.content


def test_a_signed_in_user_is_redirected_to_the_library(alice_client):
    assert alice_client.get("/").url == "/library/"


def test_the_library_requires_a_login(client):
    assert client.get("/library/").url == "/account/login/?next=/library/"


def test_an_empty_library_shows_instructions(alice_client):
    assert b"Drop" in alice_client.get("/library/").content


def test_the_library_shows_only_own_videos(alice_client, bob_client, alice_video):
    assert b"clip" in alice_client.get("/library/").content
    assert str(alice_video.pk).encode() not in bob_client.get("/library/").content


def test_the_query_count_of_the_library_does_not_grow_with_the_videos(
    alice_client, alice, many, django_assert_num_queries
):
    alice_client.get("/library/")  # the first visit writes the session
    with django_assert_num_queries(LIBRARY_QUERIES):
        alice_client.get("/library/")


def test_the_library_is_paginated(alice_client, many):
    assert alice_client.get("/library/").content.count(b'<article class="card') == 24
    assert alice_client.get("/library/?page=2").content.count(b'<article class="card') == 6


def test_titles_are_escaped_everywhere(alice_client, alice, alice_pair):
    Video.objects.update(title="<script>alert(1)</script>")
    a, b = alice_pair
    alice_client.post("/compare/", {"a": a.pk, "b": b.pk})
    pages = ["/library/", f"/videos/{a.pk}/", "/compare/", f"/compare/{Comparison.objects.get().pk}/"]

    for page in pages:
        assert b"<script>alert" not in alice_client.get(page).content


# --- Upload with the form ---


def send(client, *files, **fields):
    return client.post("/library/upload/", {"files": list(files), **fields}, follow=True)


def test_several_files_are_uploaded_with_one_form(alice_client, clip):
    answer = send(
        alice_client,
        SimpleUploadedFile("one.mp4", clip.read_bytes(), "video/mp4"),
        SimpleUploadedFile("two.mp4", clip.read_bytes() + b"more", "video/mp4"),
        SimpleUploadedFile("again.mp4", clip.read_bytes(), "video/mp4"),
    )

    assert "is already in your library" in answer.content.decode()
    assert {video.title for video in Video.objects.all()} == {"one", "two"}
    assert "is uploaded" in answer.content.decode()


def test_uploading_an_existing_file_as_a_version_shows_the_result(alice_client, clip):
    for name, more in (("one", b""), ("two", b"more"), ("three", b"still more")):
        send(alice_client, SimpleUploadedFile(f"{name}.mp4", clip.read_bytes() + more, "video/mp4"))
    one, two, three = (Video.objects.get(title=title) for title in ("one", "two", "three"))

    def again(of):
        file = SimpleUploadedFile("again.mp4", clip.read_bytes() + b"more", "video/mp4")
        return send(alice_client, file, version_of=of.pk).content.decode()

    assert "is already in your library, as version 2 of this video." in again(one)
    assert "is already in your library, as a version of another video. It was not changed." in again(three)
    assert "is already in your library." in again(two)


def test_a_form_without_a_file_shows_an_error(alice_client):
    assert b"Choose a video file first" in alice_client.post("/library/upload/", follow=True).content


def test_an_empty_file_is_refused_and_a_valid_one_is_kept(alice_client, clip):
    answer = send(
        alice_client,
        SimpleUploadedFile("empty.mp4", b"", "video/mp4"),
        SimpleUploadedFile("good.mp4", clip.read_bytes(), "video/mp4"),
    )

    assert [video.title for video in Video.objects.all()] == ["good"]
    assert "is empty" in answer.content.decode()


def test_a_file_of_another_type_is_refused(alice_client):
    answer = send(alice_client, SimpleUploadedFile("notes.txt", b"hello", "text/plain"))

    assert not Video.objects.exists()
    assert "read this type of file" in answer.content.decode()


def test_a_malicious_file_name_is_cleaned(alice_client, clip):
    send(alice_client, SimpleUploadedFile("../../🎬 <b>" + "x" * 300 + ".mp4", clip.read_bytes(), "video/mp4"))

    video = Video.objects.get()
    assert len(video.filename) <= 200
    assert "/" not in video.filename
    assert alice_client.get(f"/videos/{video.pk}/").status_code == 200


# --- One video ---


def test_the_page_of_a_video_shows_its_details(alice_client, alice_video):
    page = alice_client.get(f"/videos/{alice_video.pk}/").content.decode()

    assert "clip" in page
    assert "h264" in page.lower() or "H.264" in page
    assert f"/v2/videos/{alice_video.pk}/file" in page


def test_a_failed_video_shows_the_reason_and_can_be_retried(alice_client, alice, make_video, tmp_path):
    (tmp_path / "text.mp4").write_text("no video at all")
    video = make_video(alice, tmp_path / "text.mp4", run=True)

    page = alice_client.get(f"/videos/{video.pk}/").content.decode()

    assert "cannot read this file as a video" in page
    assert f"/videos/{video.pk}/retry/" in page
    assert alice_client.post(f"/videos/{video.pk}/retry/").status_code == 302
    video.refresh_from_db()
    assert video.status == Video.Status.PROCESSING


def test_a_running_video_can_be_cancelled(alice_client, alice, clip, make_video):
    video = make_video(alice, clip)

    alice_client.post(f"/videos/{video.pk}/cancel/")

    video.refresh_from_db()
    assert video.status == Video.Status.CANCELLED
    assert alice_client.post(f"/videos/{video.pk}/cancel/").status_code == 409


def create_rendition_job(video, status, **facts):
    return Job.objects.create(video=video, kind=Job.Kind.RENDITION, status=status, **facts)


def test_a_processing_video_shows_all_its_jobs(alice_client, alice, clip, make_video):
    video = make_video(alice, clip)
    create_rendition_job(video, Job.Status.IN_PROGRESS, progress=0.25)

    page = alice_client.get(f"/videos/{video.pk}/").content.decode()
    assert [page.count(words) for words in ("Process video", "Create browser-compatible copy")] == [1, 1]
    assert "Creating browser-compatible copy" in alice_client.get(f"/videos/{video.pk}/card/").content.decode()


def test_a_ready_video_shows_the_progress_of_its_rendition(alice_client, alice_video):
    create_rendition_job(alice_video, Job.Status.IN_PROGRESS, progress=0.25)

    page = alice_client.get(f"/videos/{alice_video.pk}/").content.decode()
    card = alice_client.get(f"/videos/{alice_video.pk}/card/").content.decode()
    for html in (page, card):
        assert '<progress value="0.25"' in html
        assert 'data-job="rendition"' in html
        assert "data-open" in html


def test_a_failed_rendition_shows_the_reason_and_can_be_retried(alice_client, alice_video):
    copy = create_rendition_job(alice_video, Job.Status.FAILED, error="Sage could not make a copy.")
    page, card = f"/videos/{alice_video.pk}/", f"/videos/{alice_video.pk}/card/"
    assert b"Open the video to retry" in alice_client.get(card).content

    assert b"Sage could not make a copy." in alice_client.get(page).content
    again = alice_client.post(f"{page}retry/", follow=True).content.decode()

    copy.refresh_from_db()
    alice_video.refresh_from_db()
    assert (copy.status, alice_video.status) == (Job.Status.PENDING, Video.Status.READY)
    assert "Queued" in again
    assert "data-open" in again


def test_a_completed_or_unnecessary_rendition_is_not_mentioned(alice_client, alice_video):
    assert b"browser copy" not in alice_client.get(f"/videos/{alice_video.pk}/").content.lower()

    create_rendition_job(alice_video, Job.Status.COMPLETED)
    Video.objects.update(has_rendition=True)

    page = alice_client.get(f"/videos/{alice_video.pk}/").content
    assert b"browser copy" not in page.lower()
    assert b"data-has-rendition" in page


def test_a_deleted_video_is_404_everywhere(alice_client, alice_comparison):
    video = alice_comparison.video_a

    alice_client.post(f"/videos/{video.pk}/delete/")

    assert alice_client.get(f"/videos/{video.pk}/").status_code == 404
    assert alice_client.get(f"/v2/videos/{video.pk}/file").status_code == 404
    assert alice_client.get(f"/compare/{alice_comparison.pk}/").status_code == 404
    assert str(video.pk).encode() not in alice_client.get("/library/").content


def test_the_details_show_all_facts_of_a_file(alice_client, alice_video):
    track = {"codec": "aac", "channels": 2, "sample_rate": 48000, "language": "eng", "title": None, "is_default": True}
    other = {**track, "codec": "opus", "language": "ger", "title": "Commentary <b>", "is_default": False}
    found = {"rotation": 90, "bit_rate": 2_500_000, "created_at": "2024-05-06T07:08:09+00:00", "primaries": "BT.2020"}
    alice_video.metadata |= found | {"dynamic_range": "PQ", "audio": [track, other], "audio_tracks": 2}
    alice_video.save()

    page = alice_client.get(f"/videos/{alice_video.pk}/").content.decode()

    words = (
        "clip.mp4",
        "0:02.00",
        "160 × 90, rotated 90°",
        "20 fps",
        "mov",
        "H264, yuv420p, 8-bit",
        "2.5 Mbit/s",
    )
    sounds = (
        "AAC, 2 channels, 48000 Hz, eng (default)",
        "OPUS, 2 channels, 48000 Hz, ger, Commentary &lt;b&gt;</span>",
    )
    for text in (*words, *sounds, "BT.2020 PQ (HDR)", "2024-05-06"):
        assert text in page, text


def test_derived_files_are_served(alice_client, alice_video):
    here = f"/videos/{alice_video.pk}"

    assert alice_client.get(f"{here}/poster.jpg").headers["Content-Type"] == "image/jpeg"
    assert alice_client.get(f"{here}/still-00000.jpg").status_code == 200
    assert alice_client.get(f"{here}/times.f64").headers["Content-Length"] == str(40 * 8)
    track = alice_client.get(f"{here}/sprites.vtt")
    assert track.headers["Content-Type"] == "text/vtt; charset=utf-8"
    cues = storage.read(alice_video.derived_key("sprites.vtt"))
    assert cues.startswith(b"WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nsprite-000.jpg#xywh=0,0,160,90")
    assert alice_client.get(f"{here}/sprite-000.jpg").headers["Content-Type"] == "image/jpeg"
    assert alice_client.get(f"{here}/fingerprint.bin").status_code == 404
    assert alice_client.get(f"{here}/still-00099.jpg").status_code == 404


# --- Compare ---


def test_two_videos_are_chosen_and_compared(alice_client, alice_pair, client):
    a, b = alice_pair

    answer = alice_client.post("/compare/", {"a": a.pk, "b": b.pk})

    created = Comparison.objects.get()
    assert answer.url == f"/compare/{created.pk}/"
    assert b"compar" in alice_client.get(answer.url).content.lower()


def get_insertion_picture_url(comparison) -> str:
    return f"/compare/{comparison.pk}/picture-{comparison.shown_script['segments'][1]['index']}-b.jpg"


def test_a_comparison_shows_its_timeline_without_javascript(alice_client, alice_comparison):
    page = alice_client.get(f"/compare/{alice_comparison.pk}/").content.decode()

    assert "New shot, 1.0 s" in page
    assert len(re.findall(r'href="\?t=', page)) >= 5
    assert page.count(f"/v2/videos/{alice_comparison.video_b.pk}/file") >= 1
    assert get_insertion_picture_url(alice_comparison) in page


def test_pictures_of_a_comparison_are_served_only_to_its_owner(alice_client, bob_client, alice_comparison):
    picture = get_insertion_picture_url(alice_comparison)

    assert alice_client.get(picture).headers["Content-Type"] == "image/jpeg"
    assert bob_client.get(picture).status_code == 404
    assert alice_client.get(picture.replace("-b", "-a")).status_code == 404


@pytest.mark.parametrize(
    ("choose", "message"),
    [
        (lambda a, b: {"a": a.pk, "b": a.pk}, "same video"),
        (lambda a, b: {}, "Choose video"),
        (lambda a, b: {"a": a.pk}, "Choose video"),
        (lambda a, b: {"a": a.pk, "b": NOWHERE}, "not in your library"),
        (lambda a, b: {"a": a.pk, "b": "../../x"}, "not in your library"),
    ],
)
def test_an_invalid_choice_shows_an_error(alice_client, alice_pair, choose, message):
    answer = alice_client.post("/compare/", choose(*alice_pair))

    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not Comparison.objects.exists()


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_the_compare_page_allows_only_get_and_post(alice_client, method):
    assert getattr(alice_client, method)("/compare/").status_code == 405


def test_a_failed_video_cannot_be_compared(alice_client, alice_pair):
    a, b = alice_pair
    Video.objects.filter(pk=b.pk).update(status=Video.Status.FAILED, error="It is damaged.")

    answer = alice_client.post("/compare/", {"a": a.pk, "b": b.pk})

    assert answer.status_code == 422
    assert "could not be processed" in answer.content.decode()


def test_another_users_video_cannot_be_compared(bob_client, alice_pair):
    a, b = alice_pair

    assert "not in your library" in bob_client.post("/compare/", {"a": a.pk, "b": b.pk}).content.decode()
    assert not Comparison.objects.exists()


def test_a_pending_comparison_can_be_cancelled_and_retried(alice_client, alice_pair):
    a, b = alice_pair
    here = alice_client.post("/compare/", {"a": a.pk, "b": b.pk}).url

    alice_client.post(f"{here}cancel/")
    assert Job.objects.get(kind=Job.Kind.COMPARE).status == Job.Status.CANCELLED
    assert f"{here}retry/" in alice_client.get(here).content.decode()
    alice_client.post(f"{here}retry/")

    assert Job.objects.get(kind=Job.Kind.COMPARE).status == Job.Status.PENDING


def test_a_comparison_page_makes_a_fixed_number_of_queries(alice_client, alice_comparison, django_assert_num_queries):
    alice_client.get("/compare/")  # the first visit writes the session
    with django_assert_num_queries(COMPARE_QUERIES):
        alice_client.get(f"/compare/{alice_comparison.pk}/")


# --- Strangers ---


def routes(video, comparison):
    return [
        ("get", f"/videos/{video.pk}/"),
        ("get", f"/videos/{video.pk}/card/"),
        ("get", f"/videos/{video.pk}/poster.jpg"),
        ("get", f"/videos/{video.pk}/times.f64"),
        ("get", f"/v2/videos/{video.pk}/file"),
        ("post", f"/videos/{video.pk}/cancel/"),
        ("post", f"/videos/{video.pk}/retry/"),
        ("post", f"/videos/{video.pk}/delete/"),
        ("get", f"/compare/{comparison.pk}/"),
        ("get", f"/compare/{comparison.pk}/picture-1-b.jpg"),
        ("post", f"/compare/{comparison.pk}/cancel/"),
        ("post", f"/compare/{comparison.pk}/retry/"),
        ("post", f"/compare/{comparison.pk}/delete/"),
        ("post", f"/compare/{comparison.pk}/threshold/"),
        ("post", f"/compare/{comparison.pk}/share/"),
    ]


def test_another_user_gets_404_everywhere(bob_client, alice_comparison):
    for method, path in routes(alice_comparison.video_a, alice_comparison):
        assert getattr(bob_client, method)(path).status_code == 404, path


def test_a_visitor_gets_404_or_is_asked_to_log_in(client, alice_comparison):
    client.logout()
    for method, path in routes(alice_comparison.video_a, alice_comparison):
        answer = getattr(client, method)(path)
        assert answer.status_code == 404 or answer.url.startswith("/account/login/"), path


@pytest.mark.parametrize(
    "path",
    [
        "/videos/------------------------------------/cancel/",
        "/videos/ffffffffffffffffffffffffffffffffffff/",
        "/videos/../../etc/passwd",
        f"/compare/{NOWHERE}/delete/",
        f"/compare/{NOWHERE}/picture-99999999999-a.jpg",
        f"/v2/videos/{NOWHERE}/file",
        f"/v2/uploads/{NOWHERE}/parts/99999999999999999999",
    ],
)
def test_malformed_urls_are_404(alice_client, path):
    assert alice_client.get(path).status_code in {404, 405}


@pytest.mark.parametrize("query", ["?t=nan", "?t=-5", "?t=1e400", "?t=x&side=c", "?t=99999&side=a", "?page=zero"])
def test_an_invalid_time_is_ignored(alice_client, alice_comparison, query):
    assert alice_client.get(f"/compare/{alice_comparison.pk}/{query}").status_code == 200
    assert alice_client.get(f"/videos/{alice_comparison.video_a.pk}/{query}").status_code == 200
    assert alice_client.get(f"/library/{query}").status_code == 200


# --- The demonstration ---


@pytest.fixture
def demo_comparison(alice_comparison):
    """Return a completed comparison that belongs to the system user."""
    system = User.objects.system()
    Video.objects.update(owner=system)
    Comparison.objects.update(owner=system)
    alice_comparison.refresh_from_db()
    return alice_comparison


def test_the_demonstration_is_visible_to_every_visitor(client, demo_comparison):
    client.logout()
    page = client.get("/").content.decode()

    assert "New shot, 1.0 s" in page
    assert client.get(f"/v2/videos/{demo_comparison.video_a.pk}/file").status_code == 200
    assert client.get(get_insertion_picture_url(demo_comparison)).status_code == 200
    assert client.get(f"/compare/{demo_comparison.pk}/").status_code == 200


def test_users_cannot_change_the_demonstration(alice_client, demo_comparison):
    assert alice_client.post(f"/videos/{demo_comparison.video_a.pk}/delete/").status_code == 404
    assert alice_client.post(f"/compare/{demo_comparison.pk}/cancel/").status_code == 404
    assert str(demo_comparison.video_a.pk) not in alice_client.get("/library/").content.decode()


def test_the_demonstration_is_missing_only_until_it_exists(demo_comparison, settings):
    assert not demo.is_demo_missing()
    Comparison.objects.all().delete()
    assert demo.is_demo_missing()
    settings.DEMO = False
    assert not demo.is_demo_missing()
