import pytest

from accounts.viewer import Viewer
from sage import errors
from sage.providers.local import PerceptualEmbedder
from sage.storage import storage
from videos import comparison, jobs, pipeline, rereading, worker
from videos.diff.version import FINGERPRINT_VERSION
from videos.models import Embedding, Job, Video

pytestmark = pytest.mark.django_db
OLD = 0


@pytest.fixture
def outdated(alices_pair):
    """Both of Alice's videos as an earlier version left them: other bytes under another version, no vectors."""
    for video in alices_pair:
        (storage.root / video.derived_key("fingerprint.bin")).write_bytes(b"as it once was")
    Embedding.objects.all().delete()
    Video.objects.update(fingerprint_version=OLD)
    return [Video.objects.get(pk=video.pk) for video in alices_pair]


def test_what_an_earlier_version_read_is_read_again_and_stays_ready(alice, outdated):
    seen = []
    while job := rereading.reread():
        seen.append(job.video_id)
        assert Video.objects.get(pk=job.video_id).is_ready
        worker.run(job.pk)

    assert seen == [video.pk for video in reversed(outdated)]  # the newest first, each once
    for video in Video.objects.all():
        assert (video.status, video.fingerprint_version) == (Video.Status.READY, FINGERPRINT_VERSION)
        assert Embedding.objects.filter(video=video).exists()
    a, b = (Video.objects.get(pk=video.pk) for video in outdated)
    made = comparison.compare(Viewer(alice), a, b)
    worker.run(made.job.pk)
    made.refresh_from_db()
    assert made.is_completed


def test_one_without_sprites_is_read_again_and_may_be_compared_meanwhile(alice, alices_pair):
    Video.objects.filter(pk=alices_pair[0].pk).update(has_sprites=False)

    job = rereading.reread()

    assert job.video_id == alices_pair[0].pk
    assert comparison.compare(Viewer(alice), *alices_pair)
    worker.run(job.pk)
    assert Video.objects.get(pk=job.video_id).has_sprites
    assert rereading.reread() is None


def test_one_goes_at_a_time_behind_everything_else(outdated, django_capture_on_commit_callbacks, monkeypatch):
    sent = []
    monkeypatch.setattr(jobs, "_send", lambda identity, queue: sent.append((identity, queue)))

    with django_capture_on_commit_callbacks(execute=True):
        first = rereading.reread()
        assert rereading.reread() is None

    assert sent == [(first.pk, "low")]


def test_a_new_video_goes_before(alice, clip, make_video, django_capture_on_commit_callbacks, monkeypatch):
    sent = []
    monkeypatch.setattr(jobs, "_send", lambda identity, queue: sent.append(queue))

    with django_capture_on_commit_callbacks(execute=True):
        make_video(alice, clip)

    assert sent == ["medium"]


def test_nothing_is_read_again_that_is_up_to_date(alices_pair):
    assert rereading.reread() is None


def test_comparing_says_that_it_is_being_read_again(alices, alice, outdated):
    a, b = outdated

    with pytest.raises(errors.Conflict, match=r"Video A, “clip”.*being read again"):
        comparison.compare(Viewer(alice), a, b)
    answer = alices.post("/v2/comparisons", {"video_a": str(a.pk), "video_b": str(b.pk)}, "application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")


def test_one_that_was_queued_before_fails_with_the_same_words_and_runs_when_all_is_read(alice, alices_pair):
    made = comparison.compare(Viewer(alice), *alices_pair)
    Video.objects.update(fingerprint_version=OLD)
    worker.run(made.job.pk)
    made = type(made).objects.get()
    assert made.status == Job.Status.FAILED
    assert "being read again" in made.job.error
    with pytest.raises(errors.Conflict, match="being read again"):
        comparison.retry(made)

    while job := rereading.reread():
        worker.run(job.pk)
    made = type(made).objects.get()
    comparison.retry(made)
    worker.run(made.job.pk)

    assert type(made).objects.get().is_completed


def test_a_video_that_cannot_be_read_again_still_plays_and_is_let_be(alice, alices, outdated):
    newest = outdated[1]
    (storage.root / newest.storage_key).write_bytes(b"damaged since")
    worker.run(rereading.reread().pk)

    newest.refresh_from_db()
    assert newest.is_ready
    worker.run(rereading.reread().pk)  # the other one
    assert rereading.reread() is None
    assert alices.get(f"/v2/videos/{newest.pk}/file").status_code == 200
    with pytest.raises(errors.Conflict, match="could not be read again"):
        comparison.compare(Viewer(alice), Video.objects.get(pk=outdated[0].pk), newest)


def test_cancelling_it_leaves_the_video_ready(outdated):
    video = rereading.reread().video

    pipeline.cancel(video)

    video.refresh_from_db()
    assert video.is_ready


def test_one_that_could_not_be_read_again_is_retried_where_that_is_told(alice, alices, outdated):
    older, newest = outdated
    good = (storage.root / newest.storage_key).read_bytes()
    (storage.root / newest.storage_key).write_bytes(b"damaged since")
    worker.run(rereading.reread().pk)
    again = f'action="/videos/{newest.pk}/retry/"'

    assert again in alices.get(f"/videos/{newest.pk}/").content.decode()
    assert "Could not be read again" in alices.get("/library/").content.decode()
    worker.run(rereading.reread().pk)
    refused = alices.post("/compare/", {"a": older.pk, "b": newest.pk})
    assert (refused.status_code, again in refused.content.decode()) == (422, True)
    assert f'action="/videos/{older.pk}/retry/"' not in refused.content.decode()

    (storage.root / newest.storage_key).write_bytes(good)
    alices.post(f"/videos/{newest.pk}/retry/")
    assert "Being read again" in alices.get(f"/videos/{newest.pk}/").content.decode()
    worker.run(newest.jobs.get(kind=Job.Kind.INGEST).pk)
    newest.refresh_from_db()
    assert rereading.job_of(newest) is None
    assert again not in alices.get(f"/videos/{newest.pk}/").content.decode()
    assert alices.post("/compare/", {"a": older.pk, "b": newest.pk}).status_code == 302


def test_a_comparison_that_failed_for_it_offers_to_read_it_again(alice, alices, bobs, alices_pair):
    made = comparison.compare(Viewer(alice), *alices_pair)
    Video.objects.update(fingerprint_version=OLD)
    Job.objects.filter(kind=Job.Kind.INGEST).update(status=Job.Status.FAILED, error="It is damaged.")
    worker.run(made.job.pk)

    page = alices.get(f"/compare/{made.pk}/").content.decode()

    for video in alices_pair:
        assert f'action="/videos/{video.pk}/retry/"' in page
    assert bobs.post(f"/videos/{alices_pair[0].pk}/retry/").status_code == 404


def test_other_vectors_come_with_another_version_so_that_videos_are_read_again():
    assert (FINGERPRINT_VERSION, PerceptualEmbedder.model) == (1, "sage-perceptual-1")
