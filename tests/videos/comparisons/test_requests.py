import pytest

from accounts.viewer import Viewer
from sage import errors
from sage.jobs import queue, worker
from sage.storage import storage
from videos.comparisons import requests
from videos.models import Comparison, Job, Video

pytestmark = pytest.mark.django_db


def test_an_inserted_second_is_found_at_the_right_frame(alice_comparison):
    script = alice_comparison.shown_script

    assert [segment["op"] for segment in script["segments"]] == ["equal", "inserted", "equal"]
    assert script["segments"][1]["b"] == pytest.approx([1.0, 2.0], abs=0.051)
    assert alice_comparison.is_completed
    assert alice_comparison.seconds_taken > 0


def test_the_side_of_an_insertion_has_a_picture(alice_comparison):
    index = alice_comparison.shown_script["segments"][1]["index"]
    assert storage.stat(alice_comparison.picture_key(index, "b"))
    with pytest.raises(FileNotFoundError):
        storage.stat(alice_comparison.picture_key(index, "a"))


def test_a_video_is_not_compared_with_itself(alice, alice_video):
    with pytest.raises(errors.InvalidInput, match="same video"):
        requests.create_comparison(Viewer(alice), alice_video, alice_video)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (Video.Status.PROCESSING, "still processing"),
        (Video.Status.FAILED, "could not be processed"),
        (Video.Status.CANCELLED, "was cancelled"),
    ],
)
def test_a_side_that_is_not_ready_is_named(alice, alice_video, make_video, clip, status, message):
    other = make_video(alice, clip)
    Video.objects.filter(pk=other.pk).update(status=status)
    other.refresh_from_db()

    with pytest.raises(errors.Conflict, match=f"(?i)video B.*{message}"):
        requests.create_comparison(Viewer(alice), alice_video, other)
    assert not Comparison.objects.exists()


def test_an_anonymous_visitor_cannot_compare(alice_pair):
    with pytest.raises(errors.InvalidInput, match="Sign in"):
        requests.create_comparison(Viewer(), *alice_pair)


def test_a_missing_fingerprint_fails_the_comparison_and_a_retry_works(alice, alice_pair):
    a, b = alice_pair
    key = a.derived_key("fingerprint.bin")
    kept = storage.read(key)
    storage.delete(key)
    comparison = requests.create_comparison(Viewer(alice), a, b)
    worker.run(Job, comparison.job.pk)
    comparison.job.refresh_from_db()
    assert comparison.job.status == Job.Status.FAILED
    assert comparison.job.error

    (storage.root / key).write_bytes(kept)
    requests.retry_comparison(comparison)
    worker.run(Job, comparison.job.pk)

    comparison = Comparison.objects.get()
    assert comparison.is_completed


def test_a_cancelled_comparison_leaves_no_result(alice, alice_pair):
    comparison = requests.create_comparison(Viewer(alice), *alice_pair)

    requests.cancel_comparison(comparison)
    worker.run(Job, comparison.job.pk)

    comparison = Comparison.objects.get()
    assert (comparison.status, comparison.script) == (Job.Status.CANCELLED, None)
    with pytest.raises(errors.Conflict, match="nothing to cancel"):
        requests.cancel_comparison(comparison)


def test_cancelling_while_pictures_are_stored_leaves_none(alice, alice_pair, monkeypatch):
    comparison = requests.create_comparison(Viewer(alice), *alice_pair)
    really_put, kept = storage.put_file, []

    def put_and_cancel(key, source, **more):
        really_put(key, source, **more)
        if key.startswith("comparisons/"):
            kept.append(key)
            if len(kept) == 1:
                queue.cancel(Job.objects.of(comparison))

    monkeypatch.setattr(storage, "put_file", put_and_cancel)
    worker.run(Job, comparison.job.pk)

    comparison = Comparison.objects.get()
    assert kept
    assert (comparison.status, comparison.script) == (Job.Status.CANCELLED, None)
    assert not (storage.root / "comparisons" / str(comparison.pk)).exists()


def test_cancelling_after_a_worker_died_leaves_no_picture(alice, alice_pair, tmp_path):
    comparison = requests.create_comparison(Viewer(alice), *alice_pair)
    queue.claim(Job, comparison.job.pk)
    (tmp_path / "left.jpg").write_bytes(b"half")
    storage.put_file(comparison.picture_key(1, "a"), tmp_path / "left.jpg")

    requests.cancel_comparison(comparison)

    assert not (storage.root / "comparisons" / str(comparison.pk)).exists()


def test_a_completed_comparison_cannot_be_retried(alice_comparison):
    with pytest.raises(errors.Conflict, match="nothing to retry"):
        requests.retry_comparison(alice_comparison)


def test_a_comparison_is_visible_only_to_its_owner(bob, alice, alice_comparison):
    assert not Comparison.objects.visible_to(Viewer(bob)).exists()
    assert not Comparison.objects.visible_to(Viewer()).exists()
    assert Comparison.objects.visible_to(Viewer(alice)).exists()


# --- Intervals ---


def compare_intervals(viewer, pair, **options):
    comparison = requests.create_comparison(viewer, *pair, mode="interval", **options)
    worker.run(Job, comparison.job.pk)
    comparison.refresh_from_db()
    return comparison


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_the_interval_mode_compares_clips(alice, alice_pair, metric):
    comparison = compare_intervals(Viewer(alice), alice_pair, metric=metric)

    assert comparison.is_completed
    assert [(row["op"], row["b"]) for row in comparison.script["segments"]] == [
        ("changed", [0, 2]),
        ("inserted", [2, 3]),
    ]
    assert (comparison.script["metric"], comparison.embedding_model) == (metric, "sage-perceptual-1")


def test_the_default_metric_is_cosine(alice, alice_pair):
    assert requests.create_comparison(Viewer(alice), *alice_pair, mode="interval").metric == "cosine"
    assert requests.create_comparison(Viewer(alice), *alice_pair, metric="cosine").metric == ""


def test_a_side_without_vectors_fails_with_advice(alice, alice_pair):
    alice_pair[1].embeddings.all().delete()
    comparison = compare_intervals(Viewer(alice), alice_pair)
    assert comparison.job.status == Job.Status.FAILED
    assert "Video B must be processed again" in comparison.job.error


# --- Thresholds ---


def test_a_threshold_changes_the_shown_script(alice, alice_pair):
    comparison = compare_intervals(Viewer(alice), alice_pair)
    distance = comparison.script["segments"][0]["distance"]

    requests.set_threshold(comparison, 0.01)
    assert comparison.shown_script["differing_segments"] == 2
    requests.set_threshold(comparison, 0.5)
    assert comparison.shown_script["differing_segments"] == (2 if distance >= 0.5 else 1)
    requests.set_threshold(comparison, None)
    assert comparison.shown_script["threshold"] == 0.1


def test_a_setting_changes_the_threshold_of_intervals(alice, alice_pair, settings):
    settings.COMPARISON_INTERVAL_THRESHOLD = 0.3
    comparison = compare_intervals(Viewer(alice), alice_pair)
    assert comparison.shown_script["threshold"] == 0.3

    requests.set_threshold(comparison, 0.05)
    requests.set_threshold(comparison, None)
    assert comparison.shown_script["threshold"] == 0.3


@pytest.mark.parametrize("threshold", [0.009, 0.51, -1, float("nan")])
def test_a_threshold_out_of_range_is_refused(alice_comparison, threshold):
    with pytest.raises(errors.InvalidInput, match="from 0.01 to 0.5"):
        requests.set_threshold(alice_comparison, threshold)
    alice_comparison.refresh_from_db()
    assert alice_comparison.threshold is None
