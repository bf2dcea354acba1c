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
COMPARE_QUERIES = 5
NOWHERE = uuid.UUID(int=7)


@pytest.fixture
def many(alice):
    """Thirty videos in every state."""
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


def test_a_visitor_sees_the_front_page_even_before_the_demonstration_is_drawn(client):
    answer = client.get("/")

    assert answer.status_code == 200
    assert b"/account/signup/" in answer.content


def test_who_is_signed_in_goes_to_the_library(alices):
    assert alices.get("/").url == "/library/"


def test_the_library_asks_strangers_to_log_in(client):
    assert client.get("/library/").url == "/account/login/?next=/library/"


def test_an_empty_library_says_what_to_do(alices):
    assert b"Drop" in alices.get("/library/").content


def test_the_library_shows_only_ones_own(alices, bobs, alices_video):
    assert b"clip" in alices.get("/library/").content
    assert str(alices_video.pk).encode() not in bobs.get("/library/").content


def test_the_library_asks_the_database_as_often_for_thirty_videos_as_for_none(
    alices, alice, many, django_assert_num_queries
):
    alices.get("/library/")  # the first visit writes the session
    with django_assert_num_queries(LIBRARY_QUERIES):
        alices.get("/library/")


def test_thirty_videos_come_in_pages(alices, many):
    assert alices.get("/library/").content.count(b'id="video-') == 24
    assert alices.get("/library/?page=2").content.count(b'id="video-') == 6


def test_titles_are_escaped_everywhere(alices, alice, alices_pair):
    Video.objects.update(title="<script>alert(1)</script>")
    a, b = alices_pair
    alices.post("/compare/", {"a": a.pk, "b": b.pk})
    pages = ["/library/", f"/videos/{a.pk}/", "/compare/", f"/compare/{Comparison.objects.get().pk}/"]

    for page in pages:
        assert b"<script>alert" not in alices.get(page).content


# --- Upload without scripts ---


def send(client, *files, **wished):
    return client.post("/library/upload/", {"files": list(files), **wished}, follow=True)


def test_several_files_come_with_one_form(alices, clip):
    answer = send(
        alices,
        SimpleUploadedFile("one.mp4", clip.read_bytes(), "video/mp4"),
        SimpleUploadedFile("two.mp4", clip.read_bytes() + b"more", "video/mp4"),
        SimpleUploadedFile("again.mp4", clip.read_bytes(), "video/mp4"),
    )

    assert "is in your library already" in answer.content.decode()
    assert {video.title for video in Video.objects.all()} == {"one", "two"}
    assert "has arrived" in answer.content.decode()


def test_what_became_of_the_wish_for_a_file_that_is_here_is_said(alices, clip):
    for name, more in (("one", b""), ("two", b"more"), ("three", b"still more")):
        send(alices, SimpleUploadedFile(f"{name}.mp4", clip.read_bytes() + more, "video/mp4"))
    one, two, three = (Video.objects.get(title=title) for title in ("one", "two", "three"))

    def again(of):
        file = SimpleUploadedFile("again.mp4", clip.read_bytes() + b"more", "video/mp4")
        return send(alices, file, version_of=of.pk).content.decode()

    assert "is in your library already, as version 2 of this film." in again(one)
    assert "is in your library already, as a version of another film, and stays that." in again(three)
    assert "is in your library already." in again(two)


def test_a_form_without_a_file_is_explained(alices):
    assert b"Choose a video file first" in alices.post("/library/upload/", follow=True).content


def test_an_empty_file_is_refused_and_the_good_one_beside_it_is_kept(alices, clip):
    answer = send(
        alices,
        SimpleUploadedFile("empty.mp4", b"", "video/mp4"),
        SimpleUploadedFile("good.mp4", clip.read_bytes(), "video/mp4"),
    )

    assert [video.title for video in Video.objects.all()] == ["good"]
    assert "is empty" in answer.content.decode()


def test_a_file_of_another_kind_is_refused(alices):
    answer = send(alices, SimpleUploadedFile("notes.txt", b"hello", "text/plain"))

    assert not Video.objects.exists()
    assert "no kind of video" in answer.content.decode()


def test_a_hostile_name_is_kept_harmless(alices, clip):
    send(alices, SimpleUploadedFile("../../🎬 <b>" + "x" * 300 + ".mp4", clip.read_bytes(), "video/mp4"))

    video = Video.objects.get()
    assert len(video.filename) <= 200
    assert "/" not in video.filename
    assert alices.get(f"/videos/{video.pk}/").status_code == 200


# --- One video ---


def test_a_video_has_its_page_with_what_is_known(alices, alices_video):
    page = alices.get(f"/videos/{alices_video.pk}/").content.decode()

    assert "clip" in page
    assert "h264" in page.lower() or "H.264" in page
    assert f"/v2/videos/{alices_video.pk}/file" in page


def test_a_failed_video_says_why_and_offers_to_retry(alices, alice, make_video, tmp_path):
    (tmp_path / "text.mp4").write_text("no video at all")
    video = make_video(alice, tmp_path / "text.mp4", run=True)

    page = alices.get(f"/videos/{video.pk}/").content.decode()

    assert "no video that Sage can read" in page
    assert f"/videos/{video.pk}/retry/" in page
    assert alices.post(f"/videos/{video.pk}/retry/").status_code == 302
    video.refresh_from_db()
    assert video.status == Video.Status.PROCESSING


def test_a_running_video_can_be_cancelled(alices, alice, clip, make_video):
    video = make_video(alice, clip)

    alices.post(f"/videos/{video.pk}/cancel/")

    video.refresh_from_db()
    assert video.status == Video.Status.CANCELLED
    assert alices.post(f"/videos/{video.pk}/cancel/").status_code == 409


def copy_of(video, status, **facts):
    return Job.objects.create(video=video, kind=Job.Kind.RENDITION, status=status, **facts)


def test_a_video_that_is_read_names_the_copy_for_browsers_beside_the_frames(alices, alice, clip, make_video):
    video = make_video(alice, clip)
    copy_of(video, Job.Status.IN_PROGRESS, progress=0.25)

    page = alices.get(f"/videos/{video.pk}/").content.decode()
    assert [page.count(words) for words in ("Read every frame", "Make a copy for browsers")] == [1, 1]
    assert "Making a copy for browsers" in alices.get(f"/videos/{video.pk}/card/").content.decode()


def test_a_ready_video_shows_how_far_its_copy_for_browsers_is(alices, alices_video):
    copy_of(alices_video, Job.Status.IN_PROGRESS, progress=0.25)

    page = alices.get(f"/videos/{alices_video.pk}/").content.decode()
    card = alices.get(f"/videos/{alices_video.pk}/card/").content.decode()
    for shown in (page, card):
        assert '<progress value="0.25"' in shown
        assert 'data-job="rendition"' in shown
        assert "data-open" in shown


def test_a_copy_that_failed_says_why_and_is_retried(alices, alices_video):
    copy = copy_of(alices_video, Job.Status.FAILED, error="Sage could not make a copy.")
    page, card = f"/videos/{alices_video.pk}/", f"/videos/{alices_video.pk}/card/"
    assert b"Open it to retry" in alices.get(card).content

    assert b"Sage could not make a copy." in alices.get(page).content
    again = alices.post(f"{page}retry/", follow=True).content.decode()

    copy.refresh_from_db()
    alices_video.refresh_from_db()
    assert (copy.status, alices_video.status) == (Job.Status.PENDING, Video.Status.READY)
    assert "It waits for its turn." in again
    assert "data-open" in again


def test_nothing_is_said_of_a_copy_that_is_there_or_not_needed(alices, alices_video):
    assert b"copy for browsers" not in alices.get(f"/videos/{alices_video.pk}/").content.lower()

    copy_of(alices_video, Job.Status.COMPLETED)
    Video.objects.update(has_rendition=True)

    page = alices.get(f"/videos/{alices_video.pk}/").content
    assert b"copy for browsers" not in page.lower()
    assert b"data-copied" in page


def test_a_deleted_video_is_gone_from_everywhere(alices, alices_comparison):
    video = alices_comparison.video_a

    alices.post(f"/videos/{video.pk}/delete/")

    assert alices.get(f"/videos/{video.pk}/").status_code == 404
    assert alices.get(f"/v2/videos/{video.pk}/file").status_code == 404
    assert alices.get(f"/compare/{alices_comparison.pk}/").status_code == 404
    assert str(video.pk).encode() not in alices.get("/library/").content


def test_details_tell_all_that_is_known_of_a_file(alices, alices_video):
    track = {"codec": "aac", "channels": 2, "sample_rate": 48000, "language": "eng", "title": None, "is_default": True}
    other = {**track, "codec": "opus", "language": "ger", "title": "Commentary <b>", "is_default": False}
    found = {"rotation": 90, "bit_rate": 2_500_000, "created_at": "2024-05-06T07:08:09+00:00", "primaries": "BT.2020"}
    alices_video.metadata |= found | {"dynamic_range": "PQ", "audio": [track, other], "audio_tracks": 2}
    alices_video.save()

    page = alices.get(f"/videos/{alices_video.pk}/").content.decode()

    words = ("clip.mp4", "0:02.00", "160 × 90, turned 90°", "20 a second", "mov", "H264, yuv420p, 8 bit", "2.5 Mbit/s")
    sounds = ("AAC, 2 channels, 48000 Hz, eng (plays)", "OPUS, 2 channels, 48000 Hz, ger, Commentary &lt;b&gt;</span>")
    for told in (*words, *sounds, "BT.2020 PQ, high dynamic range", "2024-05-06"):
        assert told in page, told


def test_the_poster_the_stills_the_sprites_and_the_frame_times_are_served(alices, alices_video):
    here = f"/videos/{alices_video.pk}"

    assert alices.get(f"{here}/poster.jpg").headers["Content-Type"] == "image/jpeg"
    assert alices.get(f"{here}/still-00000.jpg").status_code == 200
    assert alices.get(f"{here}/times.f64").headers["Content-Length"] == str(40 * 8)
    track = alices.get(f"{here}/sprites.vtt")
    assert track.headers["Content-Type"] == "text/vtt; charset=utf-8"
    told = storage.read(alices_video.derived_key("sprites.vtt"))
    assert told.startswith(b"WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nsprite-000.jpg#xywh=0,0,160,90")
    assert alices.get(f"{here}/sprite-000.jpg").headers["Content-Type"] == "image/jpeg"
    assert alices.get(f"{here}/fingerprint.bin").status_code == 404
    assert alices.get(f"{here}/still-00099.jpg").status_code == 404


# --- Compare ---


def test_two_videos_are_chosen_and_compared(alices, alices_pair, client):
    a, b = alices_pair

    answer = alices.post("/compare/", {"a": a.pk, "b": b.pk})

    made = Comparison.objects.get()
    assert answer.url == f"/compare/{made.pk}/"
    assert b"compar" in alices.get(answer.url).content.lower()


def picture_of_the_insertion(comparison) -> str:
    return f"/compare/{comparison.pk}/picture-{comparison.shown['segments'][1]['index']}-b.jpg"


def test_a_comparison_shows_its_timeline_without_any_script(alices, alices_comparison):
    page = alices.get(f"/compare/{alices_comparison.pk}/").content.decode()

    assert "Inserted, 1.0 s" in page
    assert len(re.findall(r'href="\?t=', page)) >= 5
    assert page.count(f"/v2/videos/{alices_comparison.video_b.pk}/file") >= 1
    assert picture_of_the_insertion(alices_comparison) in page


def test_its_pictures_are_served_to_its_owner_only(alices, bobs, alices_comparison):
    picture = picture_of_the_insertion(alices_comparison)

    assert alices.get(picture).headers["Content-Type"] == "image/jpeg"
    assert bobs.get(picture).status_code == 404
    assert alices.get(picture.replace("-b", "-a")).status_code == 404


@pytest.mark.parametrize(
    ("choose", "says"),
    [
        (lambda a, b: {"a": a.pk, "b": a.pk}, "same video"),
        (lambda a, b: {}, "Choose video"),
        (lambda a, b: {"a": a.pk}, "Choose video"),
        (lambda a, b: {"a": a.pk, "b": NOWHERE}, "not in your library"),
        (lambda a, b: {"a": a.pk, "b": "../../x"}, "not in your library"),
    ],
)
def test_a_choice_that_makes_no_sense_is_explained(alices, alices_pair, choose, says):
    answer = alices.post("/compare/", choose(*alices_pair))

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Comparison.objects.exists()


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_the_page_to_choose_is_read_or_posted_to(alices, method):
    assert getattr(alices, method)("/compare/").status_code == 405


def test_a_failed_video_is_not_compared(alices, alices_pair):
    a, b = alices_pair
    Video.objects.filter(pk=b.pk).update(status=Video.Status.FAILED, error="It is damaged.")

    answer = alices.post("/compare/", {"a": a.pk, "b": b.pk})

    assert answer.status_code == 422
    assert "could not be read" in answer.content.decode()


def test_somebody_elses_video_is_not_compared(bobs, alices_pair):
    a, b = alices_pair

    assert "not in your library" in bobs.post("/compare/", {"a": a.pk, "b": b.pk}).content.decode()
    assert not Comparison.objects.exists()


def test_a_waiting_comparison_can_be_cancelled_and_retried(alices, alices_pair):
    a, b = alices_pair
    here = alices.post("/compare/", {"a": a.pk, "b": b.pk}).url

    alices.post(f"{here}cancel/")
    assert Job.objects.get(kind=Job.Kind.COMPARE).status == Job.Status.CANCELLED
    assert f"{here}retry/" in alices.get(here).content.decode()
    alices.post(f"{here}retry/")

    assert Job.objects.get(kind=Job.Kind.COMPARE).status == Job.Status.PENDING


def test_a_comparison_page_asks_the_database_a_fixed_number_of_times(
    alices, alices_comparison, django_assert_num_queries
):
    alices.get("/compare/")  # the first visit writes the session
    with django_assert_num_queries(COMPARE_QUERIES):
        alices.get(f"/compare/{alices_comparison.pk}/")


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


def test_another_user_gets_404_everywhere(bobs, alices_comparison):
    for method, path in routes(alices_comparison.video_a, alices_comparison):
        assert getattr(bobs, method)(path).status_code == 404, path


def test_a_visitor_gets_404_or_is_asked_to_log_in(client, alices_comparison):
    client.logout()
    for method, path in routes(alices_comparison.video_a, alices_comparison):
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
def test_addresses_that_make_no_sense_are_not_there(alices, path):
    assert alices.get(path).status_code in {404, 405}


@pytest.mark.parametrize("query", ["?t=nan", "?t=-5", "?t=1e400", "?t=x&side=c", "?t=99999&side=a", "?page=zero"])
def test_a_moment_that_makes_no_sense_is_passed_over(alices, alices_comparison, query):
    assert alices.get(f"/compare/{alices_comparison.pk}/{query}").status_code == 200
    assert alices.get(f"/videos/{alices_comparison.video_a.pk}/{query}").status_code == 200
    assert alices.get(f"/library/{query}").status_code == 200


# --- The demonstration ---


@pytest.fixture
def shown(alices_comparison):
    """A finished comparison that belongs to Sage itself."""
    system = User.objects.system()
    Video.objects.update(owner=system)
    Comparison.objects.update(owner=system)
    alices_comparison.refresh_from_db()
    return alices_comparison


def test_the_demonstration_is_live_for_every_visitor(client, shown):
    client.logout()
    page = client.get("/").content.decode()

    assert "Inserted, 1.0 s" in page
    assert client.get(f"/v2/videos/{shown.video_a.pk}/file").status_code == 200
    assert client.get(picture_of_the_insertion(shown)).status_code == 200
    assert client.get(f"/compare/{shown.pk}/").status_code == 200


def test_nobody_may_change_the_demonstration(alices, shown):
    assert alices.post(f"/videos/{shown.video_a.pk}/delete/").status_code == 404
    assert alices.post(f"/compare/{shown.pk}/cancel/").status_code == 404
    assert str(shown.video_a.pk) not in alices.get("/library/").content.decode()


def test_it_is_asked_for_only_while_it_is_missing(shown, settings):
    assert not demo.is_wanted()
    Comparison.objects.all().delete()
    assert demo.is_wanted()
    settings.DEMO = False
    assert not demo.is_wanted()
