import pytest

from tests.chat.outputs.conftest import make_output  # noqa: F401 - a fixture


@pytest.fixture
def make_examples(make_output):  # noqa: F811
    """Return a function that stores training data of Alice, an example for each pair of texts."""

    def make(*texts, **fields):
        metadata = {"type": "question_answer", "start": 35.0, "end": 45.0, "language": "en"}
        examples = [{"input": one, "output": other, "metadata": metadata} for one, other in texts]
        known = {"type": "training_data", "data": {"examples": examples}, "model": "openai:m", "content": "{}"}
        return make_output(**{**known, **fields})

    return make


PRICE = ("What does it cost per month?", "The standard plan costs thirty euros per month.")
SAME_PRICE = ("How much does it cost per month?", "The standard plan costs thirty euros a month.")
OTHER_PRICE = ("What does it cost per month?", "The premium plan costs ninety euros per month.")


@pytest.fixture
def training_set(viewer, make_examples):
    """Return a set of three pairs, the second of which repeats the first."""
    from chat.training import collecting

    return collecting.create_set(viewer, "Sales calls", [make_examples(PRICE, SAME_PRICE, OTHER_PRICE).pk])


@pytest.fixture
def run_job():
    """Return a function that runs the job of a set, as a worker does."""
    from chat.training.models import TrainingJob
    from sage.jobs import worker

    def run(training_set):
        worker.run(TrainingJob, training_set.job.pk)

    return run
