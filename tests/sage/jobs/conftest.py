"""Fixtures with the table of the toy jobs and their registered step."""

import pytest


@pytest.fixture(scope="session")
def _toy_table(django_db_setup, django_db_blocker):
    from django.db import connection

    from tests.sage.jobs.toys import ToyJob

    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        editor.create_model(ToyJob)


@pytest.fixture
def register(_toy_table, monkeypatch):
    """Return a function that registers a step for one test and replaces a step of the same kind."""
    from sage.jobs import registry

    def register_for_test(step):
        steps = {**registry._steps}
        steps.pop((step.model._meta.label_lower, step.kind), None)
        monkeypatch.setattr(registry, "_steps", steps)
        registry.register(step)

    return register_for_test


@pytest.fixture
def make_job(register, db):
    """Return a function that creates a toy job, of the registered step unless another kind is given."""
    from tests.sage.jobs.toys import CAPITALISE, ToyJob

    register(CAPITALISE)
    yield lambda **fields: ToyJob.rows().create(**{"kind": CAPITALISE.kind, **fields})
    ToyJob.rows().all().delete()


@pytest.fixture
def job(make_job):
    return make_job()


@pytest.fixture
def report_always(monkeypatch):
    """Make every heartbeat write to the database."""
    from sage.jobs import heartbeat

    monkeypatch.setattr(heartbeat, "REPORT_EVERY_SECONDS", 0)
