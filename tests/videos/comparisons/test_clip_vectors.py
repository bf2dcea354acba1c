"""Comparisons in intervals by hosted clip vectors, which are made for the sides that lack them."""

import pytest

from accounts.models import User
from accounts.viewer import Viewer
from sage.jobs import worker
from tests.sage.providers.twelvelabs_server import Scripted, axis
from tests.videos.clip_rows import MODEL, add_hosted_clips
from videos.comparisons import requests
from videos.models import Comparison, Job, Video
from videos.processing import pipeline

pytestmark = pytest.mark.django_db(transaction=True)
LOCAL = "sage-perceptual-1"


@pytest.fixture
def pair(alice_pair, twelvelabs):
    """Return two ready videos of Alice that were processed before the hosted model was configured."""
    return alice_pair


def compare(alice, pair) -> Comparison:
    return requests.create_comparison(Viewer(alice), *pair, mode="interval")


def run_all(times=8) -> None:
    """Run all open jobs as often as they wait for each other."""
    for _ in range(times):
        for job in Job.objects.open():
            Job.objects.filter(pk=job.pk).update(run_after=job.created_at)
            worker.run(Job, job.pk)


def test_both_sides_are_embedded_by_the_configured_model(alice, pair, twelvelabs):
    twelvelabs.clip_count = 2
    comparison = compare(alice, pair)
    assert Job.objects.open().filter(kind=Job.Kind.CLIPS).count() == 2

    run_all()

    comparison.refresh_from_db()
    assert (comparison.status, comparison.embedding_model) == (Job.Status.COMPLETED, MODEL)
    assert len(twelvelabs.tasks) == 2
    assert set(Video.objects.values_list("status", flat=True)) == {"ready"}


def test_only_the_side_that_lacks_vectors_is_embedded(alice, pair, twelvelabs):
    add_hosted_clips(pair[0], [3])
    twelvelabs.clip_vector = lambda number: axis(3)
    comparison = compare(alice, pair)

    run_all()

    comparison.refresh_from_db()
    assert (comparison.embedding_model, len(twelvelabs.tasks)) == (MODEL, 1)
    assert comparison.script["segments"][0]["distance"] == pytest.approx(0, abs=1e-6)


def test_without_a_key_the_local_model_compares(alice, pair, twelvelabs, settings):
    settings.TWELVELABS_API_KEY = ""
    comparison = compare(alice, pair)

    run_all(1)

    comparison.refresh_from_db()
    assert (comparison.embedding_model, twelvelabs.requests) == (LOCAL, [])


def test_a_key_that_is_removed_meanwhile_does_not_stop_the_comparison(alice, pair, twelvelabs, settings):
    comparison = compare(alice, pair)
    settings.TWELVELABS_API_KEY = ""

    run_all(2)

    comparison.refresh_from_db()
    assert (comparison.status, comparison.embedding_model) == (Job.Status.COMPLETED, LOCAL)


def test_a_side_of_another_owner_is_compared_by_the_local_model(alice, pair, twelvelabs):
    Video.objects.filter(pk=pair[0].pk).update(owner=User.objects.system())
    pair[0].refresh_from_db()
    comparison = compare(alice, pair)

    run_all(1)

    comparison.refresh_from_db()
    assert (comparison.embedding_model, twelvelabs.requests) == (LOCAL, [])


def test_a_failure_of_the_provider_fails_the_comparison_and_a_retry_asks_again(alice, pair, twelvelabs):
    twelvelabs.scripts["create task"] = [Scripted(400)]
    comparison = compare(alice, pair)
    run_all()
    comparison.refresh_from_db()
    assert comparison.status == Job.Status.FAILED
    assert comparison.job.error.startswith("The shots of video A, “clip”, could not be indexed. TwelveLabs does not")
    assert set(Video.objects.values_list("status", flat=True)) == {"ready"}

    twelvelabs.scripts.clear()
    requests.retry_comparison(comparison)
    run_all()

    comparison = Comparison.objects.get(pk=comparison.pk)
    assert (comparison.status, comparison.embedding_model) == (Job.Status.COMPLETED, MODEL)


def test_a_cancelled_job_of_a_side_ends_the_comparison(alice, pair, twelvelabs):
    twelvelabs.polls = 99
    comparison = compare(alice, pair)
    run_all(2)
    pipeline.cancel(pair[1])

    run_all(1)

    comparison.refresh_from_db()
    assert comparison.job.error == "Indexing the shots of video B, “longer”, was cancelled. Retry."


def test_vectors_of_an_earlier_model_are_replaced_by_those_of_the_configured_one(alice, pair, twelvelabs, settings):
    for video in pair:
        add_hosted_clips(video, [1])
        Job.objects.create(video=video, kind=Job.Kind.CLIPS, status=Job.Status.COMPLETED)
    settings.CLIP_VECTOR_MODEL = "twelvelabs:marengo3.5"
    comparison = compare(alice, pair)

    run_all()

    comparison.refresh_from_db()
    assert comparison.embedding_model == "twelvelabs:marengo3.5"
    assert {task["model_name"] for task in twelvelabs.tasks} == {"marengo3.5"}
