"""The jobs of a YouTube video against a double that speaks YouTube's wire formats."""

import io
import subprocess
from datetime import timedelta
from fractions import Fraction

import av
import numpy as np
import pytest
from django.db.models.functions import Now

from sage.jobs import queue
from sage.storage import storage
from tests.videos.youtube.conftest import ID
from tests.videos.youtube.server import AGE_REASON, BOT_REASON, CUES, FakeVideo
from videos.models import Job, Notice, Transcript, Video
from videos.transcripts.storage import choose_transcript
from videos.youtube import fetcher
from videos.youtube.errors import YouTubeUnreachable
from videos.youtube.steps import store_thumbnail

pytestmark = pytest.mark.django_db


def draw_jpeg(width=320, height=180) -> bytes:
    frame = av.VideoFrame.from_ndarray(np.full((height, width, 3), 90, np.uint8), format="rgb24")
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    return b"".join(bytes(one) for one in encoder.encode(frame.reformat(format="yuvj420p")))


def test_metadata_fill_the_shared_row_and_make_it_ready(youtube, video, run_job):
    job = run_job(video, "metadata")

    video.refresh_from_db()
    assert (job.status, video.status, video.title, video.duration) == (
        "completed",
        "ready",
        "A film about the harbour",
        60.0,
    )
    assert video.metadata["uploader"] == "Harbour films"
    assert video.metadata["upload_date"] == "20240506"
    assert Notice.objects.get().ended == "well"


def test_captions_become_the_shared_transcript(youtube, video, run_job):
    job = run_job(video, "transcript")

    transcript = choose_transcript(video)
    assert job.status == "completed"
    assert (transcript.source, transcript.language, transcript.owner) == ("captions", "en", None)
    assert [cue.text for cue in transcript.cues.all()] == [
        "Welcome to the harbour.",
        "The boats leave at six & return at noon.",
    ]
    assert video.jobs.filter(kind="passages", status="pending").exists()


@pytest.mark.parametrize(
    ("tracks", "language"),
    [
        ([("de", True, CUES)], "de"),
        ([("en", False, CUES), ("de", False, CUES), ("de", True, CUES)], "de"),
        ([("fr", False, CUES), ("en", False, CUES)], "en"),
        ([("en", False, CUES), ("ja", True, CUES)], "ja"),
        ([("fr", False, CUES)], "fr"),
    ],
    ids=["automatic only", "manual in the spoken language", "English", "automatic before a translation", "any"],
)
def test_the_captions_in_the_spoken_language_are_chosen(youtube, video, run_job, tracks, language):
    youtube.add(FakeVideo(ID, tracks=tracks))

    run_job(video, "transcript")

    assert Transcript.objects.get().language == language


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": "LOGIN_REQUIRED", "reason": "Private video", "subreason": "Sign in if you have access"}, "private"),
        ({"status": "LOGIN_REQUIRED", "reason": "Sign in to confirm your age"}, "adults"),
        ({"status": "LOGIN_REQUIRED", "reason": AGE_REASON}, "adults"),
        ({"status": "ERROR", "reason": "Video unavailable", "subreason": "Removed by the uploader"}, "removed"),
        ({"status": "LIVE_STREAM_OFFLINE", "reason": "This live event will begin in 3 hours."}, "has not begun"),
        (
            {"status": "UNPLAYABLE", "reason": "Not available in your country"},
            "country",
        ),
    ],
    ids=["private", "age", "age of the app", "removed", "not begun", "country"],
)
@pytest.mark.parametrize("kind", ["metadata", "transcript"])
def test_what_youtube_does_not_show_fails_for_good_with_a_sentence(youtube, video, run_job, fields, words, kind):
    youtube.add(FakeVideo(ID, **fields))

    job = run_job(video, kind)

    assert (job.status, job.attempts) == ("failed", 1)
    assert words in job.error
    assert "Upload a transcript" in job.error or "Retry" in job.error
    video.refresh_from_db()
    assert video.status == ("failed" if kind == "metadata" else "processing")


def test_a_video_without_captions_fails_and_offers_to_upload_a_transcript(youtube, video, run_job):
    youtube.add(FakeVideo(ID, tracks=[]))

    assert run_job(video, "transcript").error == ("This video has no captions on YouTube. Upload a transcript instead.")
    assert Notice.objects.get().ended == "transcript"


def test_a_live_video_has_metadata_without_a_duration(youtube, video, run_job):
    youtube.add(FakeVideo(ID, is_live=True, tracks=[]))

    assert run_job(video, "metadata").status == "completed"
    video.refresh_from_db()
    assert (video.status, video.duration) == ("ready", None)


def test_a_video_of_twelve_hours_is_taken_whole(youtube, video, run_job):
    cues = [(number * 3.0, 3.0, f"Line {number}.") for number in range(14_400)]
    youtube.add(FakeVideo(ID, seconds=12 * 3600, tracks=[("en", False, cues)]))

    run_job(video, "metadata")
    run_job(video, "transcript")

    video.refresh_from_db()
    assert video.duration == 12 * 3600
    assert Transcript.objects.get().cues.count() == 14_400


@pytest.mark.parametrize("kind", ["metadata", "transcript"])
@pytest.mark.parametrize("cause", ["bot check", "429", "captcha", "no network"])
def test_a_block_returns_the_job_to_outside_workers_at_no_cost(youtube, video, run_job, kind, cause, settings):
    if cause == "bot check":
        youtube.add(FakeVideo(ID, status="LOGIN_REQUIRED", reason=BOT_REASON))
    elif cause == "no network":
        settings.YOUTUBE_GATEWAY = "http://127.0.0.1:1"
    else:
        youtube.blocks = True
        youtube.is_captcha = cause == "captcha"

    job = run_job(video, kind)

    assert (job.status, job.attempts, job.waits, job.lease) == ("pending", 0, 1, None)
    assert "upload a transcript" in job.error
    assert run_job(video, kind).waits == 2


def test_a_blocked_job_waits_longer_each_time_before_this_site_tries_again(video):

    jobs = Job.objects.filter(kind="transcript")
    jobs.update(waits=3, run_after=Now() - timedelta(seconds=100))  # 30 * 4 = 120 s
    assert queue.claim(Job, jobs.get().pk) is None

    jobs.update(run_after=Now() - timedelta(seconds=130))
    assert queue.claim(Job, jobs.get().pk) is not None


def test_hostile_titles_and_descriptions_are_plain_bounded_text(youtube, video, run_job, alice_client):
    title = "<script>alert(1)</script> \u202egnp.exe\u200b\x07 " + "x" * 500
    youtube.add(FakeVideo(ID, title=title, description="<b>\u2066hi</b>\n" + "y" * 100_000))

    run_job(video, "metadata")

    body = alice_client.get(f"/v2/videos/{ID}").json()
    assert body["title"].startswith("<script>alert(1)</script> gnp.exe xx") and len(body["title"]) == 300
    assert len(body["metadata"]["description"]) == 10_000
    assert body["metadata"]["description"].startswith("<b>hi</b>\ny")
    assert b"<script>alert(1)" not in alice_client.get(f"/videos/{ID}/").content


def test_the_thumbnail_is_rendered_anew_and_served(youtube, video, alice_client):
    youtube.videos[ID].thumbnail = draw_jpeg()

    store_thumbnail(video.pk)

    video.refresh_from_db()
    served = b"".join(alice_client.get(f"/videos/{ID}/poster.jpg"))
    assert video.has_thumbnail and served != youtube.videos[ID].thumbnail
    with av.open(io.BytesIO(served), format="jpeg_pipe") as picture:
        assert (picture.streams.video[0].width, picture.streams.video[0].height) == (320, 180)


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff\xd8\xff not a picture", b"\xff\xd8\xff" + bytes(5_000_000)])
def test_a_bad_thumbnail_is_left_out(youtube, video, content):
    youtube.videos[ID].thumbnail = content

    store_thumbnail(video.pk)

    assert not Video.objects.get(pk=video.pk).has_thumbnail
    assert not list(storage.keys("derived"))


def test_a_blocked_thumbnail_is_tried_again_by_its_task(youtube, video):
    youtube.blocks = True

    with pytest.raises(YouTubeUnreachable):
        store_thumbnail(video.pk)


def test_the_child_process_sees_no_secret_of_the_site(youtube, monkeypatch):

    seen = {}
    start = subprocess.Popen

    def record(*arguments, **options):
        seen.update(options["env"])
        return start(*arguments, **options)

    monkeypatch.setenv("SECRET_KEY", "x")
    monkeypatch.setenv("DATABASE_URL", "x")
    monkeypatch.setattr(subprocess, "Popen", record)
    fetcher.fetch("captions", ID, youtube.gateway)

    assert not seen.keys() & {"SECRET_KEY", "DATABASE_URL", "ADMIN_TOKEN", "REDIS_URL"}


def test_a_hanging_child_is_ended(youtube, monkeypatch):

    monkeypatch.setattr(fetcher, "MAX_SECONDS", 0.0)
    monkeypatch.setattr(fetcher, "POLL_SECONDS", 0.001)

    with pytest.raises(YouTubeUnreachable, match="cannot reach"):
        fetcher.fetch("metadata", ID, youtube.gateway)
