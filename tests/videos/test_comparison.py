import pytest

from accounts.viewer import Viewer
from sage import errors
from sage.storage import storage
from videos import comparison, jobs, worker
from videos.models import Comparison, Job, Video

pytestmark = pytest.mark.django_db


def test_an_inserted_second_is_found_to_the_frame(alices_comparison):
    script = alices_comparison.shown

    assert [segment["op"] for segment in script["segments"]] == ["equal", "inserted", "equal"]
    assert script["segments"][1]["b"] == pytest.approx([1.0, 2.0], abs=0.051)
    assert alices_comparison.is_completed
    assert alices_comparison.seconds_taken > 0


def test_both_sides_of_a_difference_have_their_picture(alices_comparison):
    index = alices_comparison.shown["segments"][1]["index"]
    assert storage.stat(alices_comparison.picture_key(index, "b"))
    with pytest.raises(FileNotFoundError):
        storage.stat(alices_comparison.picture_key(index, "a"))


def test_a_video_is_not_compared_with_itself(alice, alices_video):
    with pytest.raises(errors.Invalid, match="same video"):
        comparison.compare(Viewer(alice), alices_video, alices_video)


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (Video.Status.PROCESSING, "still being read"),
        (Video.Status.FAILED, "could not be read"),
        (Video.Status.CANCELLED, "was cancelled"),
    ],
)
def test_a_side_that_is_not_ready_is_named(alice, alices_video, make_video, clip, status, says):
    other = make_video(alice, clip)
    Video.objects.filter(pk=other.pk).update(status=status)
    other.refresh_from_db()

    with pytest.raises(errors.Conflict, match=f"(?i)video B.*{says}"):
        comparison.compare(Viewer(alice), alices_video, other)
    assert not Comparison.objects.exists()


def test_a_stranger_compares_nothing(alices_pair):
    with pytest.raises(errors.Invalid, match="Sign in"):
        comparison.compare(Viewer(), *alices_pair)


def test_a_lost_fingerprint_fails_the_comparison_with_a_sentence_and_retry_works(alice, alices_pair):
    a, b = alices_pair
    key = a.derived_key("fingerprint.bin")
    kept = storage.read(key)
    storage.delete(key)
    made = comparison.compare(Viewer(alice), a, b)
    worker.run(made.job.pk)
    made.job.refresh_from_db()
    assert made.job.status == Job.Status.FAILED
    assert made.job.error

    (storage.root / key).write_bytes(kept)
    comparison.retry(made)
    worker.run(made.job.pk)

    made = Comparison.objects.get()
    assert made.is_completed


def test_cancelled_it_leaves_no_half_result(alice, alices_pair):
    made = comparison.compare(Viewer(alice), *alices_pair)

    comparison.cancel(made)
    worker.run(made.job.pk)

    made = Comparison.objects.get()
    assert (made.status, made.script) == (Job.Status.CANCELLED, None)
    with pytest.raises(errors.Conflict, match="nothing to cancel"):
        comparison.cancel(made)


def test_cancelled_while_its_pictures_are_kept_it_leaves_none(alice, alices_pair, monkeypatch):
    made = comparison.compare(Viewer(alice), *alices_pair)
    really_put, kept = storage.put_file, []

    def put_and_cancel(key, source, **more):
        really_put(key, source, **more)
        if key.startswith("comparisons/"):
            kept.append(key)
            if len(kept) == 1:
                jobs.cancel(made)

    monkeypatch.setattr(storage, "put_file", put_and_cancel)
    worker.run(made.job.pk)

    made = Comparison.objects.get()
    assert kept
    assert (made.status, made.script) == (Job.Status.CANCELLED, None)
    assert not (storage.root / "comparisons" / str(made.pk)).exists()


def test_cancelled_after_its_worker_died_it_leaves_no_picture(alice, alices_pair, tmp_path):
    made = comparison.compare(Viewer(alice), *alices_pair)
    jobs.claim(made.job.pk)
    (tmp_path / "left.jpg").write_bytes(b"half")
    storage.put_file(made.picture_key(1, "a"), tmp_path / "left.jpg")

    comparison.cancel(made)

    assert not (storage.root / "comparisons" / str(made.pk)).exists()


def test_what_is_completed_is_not_retried(alices_comparison):
    with pytest.raises(errors.Conflict, match="nothing to retry"):
        comparison.retry(alices_comparison)


def test_others_do_not_see_it(bob, alice, alices_comparison):
    assert not Comparison.objects.visible_to(Viewer(bob)).exists()
    assert not Comparison.objects.visible_to(Viewer()).exists()
    assert Comparison.objects.visible_to(Viewer(alice)).exists()


# --- Intervals ---


def by_interval(viewer, pair, **options):
    made = comparison.compare(viewer, *pair, mode="interval", **options)
    worker.run(made.job.pk)
    made.refresh_from_db()
    return made


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_the_interval_mode_holds_clips_against_each_other(alice, alices_pair, metric):
    made = by_interval(Viewer(alice), alices_pair, metric=metric)

    assert made.is_completed
    assert [(row["op"], row["b"]) for row in made.script["segments"]] == [("changed", [0, 2]), ("inserted", [2, 3])]
    assert (made.script["metric"], made.embedding_model) == (metric, "sage-perceptual-1")


def test_it_takes_cosine_unless_told_otherwise(alice, alices_pair):
    assert comparison.compare(Viewer(alice), *alices_pair, mode="interval").metric == "cosine"
    assert comparison.compare(Viewer(alice), *alices_pair, metric="cosine").metric == ""


def test_a_side_without_vectors_fails_with_what_to_do(alice, alices_pair):
    alices_pair[1].embeddings.all().delete()
    made = by_interval(Viewer(alice), alices_pair)
    assert made.job.status == Job.Status.FAILED
    assert "Video B has to be read again" in made.job.error


# --- Thresholds ---


def test_a_threshold_shows_the_same_script_otherwise(alice, alices_pair):
    made = by_interval(Viewer(alice), alices_pair)
    distance = made.script["segments"][0]["distance"]

    comparison.set_threshold(made, 0.01)
    assert made.shown["differing_segments"] == 2
    comparison.set_threshold(made, 0.5)
    assert made.shown["differing_segments"] == (2 if distance >= 0.5 else 1)
    comparison.set_threshold(made, None)
    assert made.shown["threshold"] == 0.1


def test_the_site_may_set_another_threshold_for_intervals(alice, alices_pair, settings):
    settings.COMPARISON_INTERVAL_THRESHOLD = 0.3
    made = by_interval(Viewer(alice), alices_pair)
    assert made.shown["threshold"] == 0.3

    comparison.set_threshold(made, 0.05)
    comparison.set_threshold(made, None)
    assert made.shown["threshold"] == 0.3


@pytest.mark.parametrize("threshold", [0.009, 0.51, -1, float("nan")])
def test_a_threshold_out_of_range_is_refused(alices_comparison, threshold):
    with pytest.raises(errors.Invalid, match="from 0.01 to 0.5"):
        comparison.set_threshold(alices_comparison, threshold)
    alices_comparison.refresh_from_db()
    assert alices_comparison.threshold is None
