import pytest

from sage import celery
from sage.celery import app, periodic_task


@pytest.fixture(autouse=True)
def _tasks():
    app.loader.import_default_modules()


def test_beat_queues_only_tasks_that_workers_have_and_messages_expire_before_the_next():
    entries = app.conf.beat_schedule.values()

    assert {entry["task"].partition(".")[0] for entry in entries} == {"accounts", "billing", "sage", "videos"}
    for entry in entries:
        assert entry["task"] in app.tasks
        assert entry["options"]["expires"] <= entry["schedule"]


def test_every_task_goes_to_a_queue_that_a_worker_serves():
    declared = [name for name in app.tasks if not name.startswith("celery.")]

    assert {find_queue(name) for name in declared} == {"high", "medium", "low"}
    assert find_queue("accounts.tasks.check_key") == "high"


def test_an_app_declares_a_periodic_task_beside_its_code(monkeypatch):
    monkeypatch.setattr(celery, "beat_schedule", {})
    monkeypatch.setattr(celery, "queues", {})

    @periodic_task(every=7200, queue="high")
    def toy() -> None:
        """Do nothing."""

    name = f"{__name__}.toy"
    assert celery.beat_schedule == {name: {"task": name, "schedule": 7200.0, "options": {"expires": 3600.0}}}
    assert find_queue(name) == "high"
    app.tasks.unregister(name)


def find_queue(name):
    """Return the queue of messages for this task."""
    return app.amqp.router.route({}, name)["queue"].name
