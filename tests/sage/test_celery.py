import pytest
from django.db import OperationalError
from redis.exceptions import BusyLoadingError

from sage import celery
from sage.celery import app, periodic_task


@pytest.fixture(autouse=True)
def _tasks():
    app.loader.import_default_modules()


def test_beat_queues_only_tasks_that_workers_have_and_messages_expire_before_the_next():
    entries = app.conf.beat_schedule.values()

    apps = {entry["task"].partition(".")[0] for entry in entries}
    assert apps == {"accounts", "billing", "chat", "notes", "sage", "videos"}
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


def test_a_periodic_task_ends_with_one_line_while_the_database_is_unavailable(toy_task, caplog):
    for error in (OperationalError("the database system is starting up"), BusyLoadingError("Valkey is loading")):
        assert toy_task(error).apply().state == "SUCCESS"

    assert [record.message for record in caplog.records if record.name == "sage.celery"] == [
        "fail_0 was skipped: the database system is starting up",
        "fail_1 was skipped: Valkey is loading",
    ]

    assert toy_task(ValueError("an error of the task")).apply().state == "FAILURE"


@pytest.fixture
def toy_task(monkeypatch):
    """Return a function that declares a periodic task that fails with an error."""
    monkeypatch.setattr(celery, "beat_schedule", {})
    monkeypatch.setattr(celery, "queues", {})
    declared = []

    def declare(error):
        def fail() -> None:
            raise error

        fail.__name__ = f"fail_{len(declared)}"
        declared.append(periodic_task(every=60)(fail))
        return declared[-1]

    yield declare
    for each in declared:
        app.tasks.unregister(each.name)


def find_queue(name):
    """Return the queue of messages for this task."""
    return app.amqp.router.route({}, name)["queue"].name
