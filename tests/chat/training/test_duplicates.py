import numpy as np
import pytest
from django.utils import timezone

from chat.training import collecting, reviewing
from chat.training.models import TrainingJob, TrainingPair
from sage.jobs import worker
from tests.chat.training.conftest import PRICE

pytestmark = pytest.mark.django_db


def list_statuses(training_set):
    return list(training_set.pairs.order_by("number").values_list("status", flat=True))


def test_a_pair_in_other_words_is_a_duplicate_and_another_price_is_not(training_set, run_job):
    run_job(training_set)

    assert list_statuses(training_set) == ["new", "duplicate", "new"]
    first, second, _ = training_set.pairs.all()
    assert second.duplicate_of == first


def test_the_job_may_run_twice(training_set, run_job):
    run_job(training_set)
    found = list(training_set.pairs.values("status", "duplicate_of", "version", "vector_model"))
    job = TrainingJob.objects.get()
    from sage.jobs import queue

    queue.restart(job)
    run_job(training_set)

    assert TrainingJob.objects.get().status == "completed"
    assert list(training_set.pairs.values("status", "duplicate_of", "version", "vector_model")) == found


def test_new_pairs_restart_the_job(viewer, training_set, run_job, make_examples):
    run_job(training_set)
    collecting.add_pairs(viewer, training_set, [make_examples(PRICE).pk])
    run_job(training_set)

    assert list_statuses(training_set) == ["new", "duplicate", "new", "duplicate"]


def test_a_pair_that_a_person_kept_is_not_marked_again(training_set, run_job):
    run_job(training_set)
    reviewing.change_pair(training_set.pairs.get(number=2), {"status": "new"})
    TrainingJob.objects.update(status="pending")
    run_job(training_set)

    assert list_statuses(training_set) == ["new", "new", "new"]


def test_the_first_is_an_accepted_pair_if_there_is_one(training_set, run_job):
    reviewing.change_pair(training_set.pairs.get(number=2), {"status": "accepted"})
    run_job(training_set)
    assert list_statuses(training_set) == ["duplicate", "accepted", "new"]


def test_a_pair_that_is_reviewed_meanwhile_is_not_marked(training_set, monkeypatch):
    from chat.training import duplicates

    compare = duplicates.find_duplicates

    def accept_meanwhile(*arguments):
        reviewing.change_pair(training_set.pairs.get(number=2), {"status": "rejected"})
        return compare(*arguments)

    monkeypatch.setattr(duplicates, "find_duplicates", accept_meanwhile)
    worker.run(TrainingJob, training_set.job.pk)
    assert list_statuses(training_set) == ["new", "rejected", "new"]


def test_an_edited_pair_is_compared_again(training_set, run_job):
    run_job(training_set)
    pair = training_set.pairs.get(number=3)
    reviewing.change_pair(pair, {"input": PRICE[0], "output_text": PRICE[1]})
    pair.refresh_from_db()
    assert pair.vector_model == ""
    run_job(training_set)

    assert list_statuses(training_set) == ["new", "duplicate", "duplicate"]


def test_texts_without_a_known_word_are_no_duplicates():
    from chat.training.duplicates import find_duplicates

    vectors = np.array([[0, 0], [0, 0], [1, 0], [0, 1], [1, 0]], np.float32)
    assert find_duplicates(vectors, [False] * 5) == {4: 2}


def test_a_provider_that_refuses_fails_the_job_with_a_reason(training_set, run_job, settings):
    settings.TEXT_VECTOR_MODEL = "wordllama:unknown"
    run_job(training_set)

    job = TrainingJob.objects.get()
    assert job.status == "failed"
    assert "WordLlama has no model" in job.error


def test_a_deleted_first_leaves_a_pair_that_can_be_reviewed(training_set, run_job):
    run_job(training_set)
    training_set.pairs.get(number=1).delete()
    pair = training_set.pairs.get(number=2)
    reviewing.change_pair(pair, {"status": "accepted"})

    assert TrainingPair.objects.get(pk=pair.pk).status == "accepted"
    assert pair.updated_at < timezone.now()
