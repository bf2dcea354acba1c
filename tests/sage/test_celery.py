from django.conf import settings

from sage.celery import app


def test_beat_asks_only_for_tasks_that_workers_know_and_none_piles_up():
    app.loader.import_default_modules()

    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in app.tasks
        assert entry["options"]["expires"] <= entry["schedule"]
