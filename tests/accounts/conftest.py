import json

import pytest
from celery import current_app


class QueuedTasks:
    """The tasks that requests have queued. `run` executes them as a worker would, and their messages are JSON."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def send_task(self, name, args=(), **_):
        self.messages.append(json.dumps([name, args]))

    def run(self):
        current_app.loader.import_default_modules()
        while self.messages:
            name, arguments = json.loads(self.messages.pop(0))
            current_app.tasks[name](*arguments)


@pytest.fixture
def queued_tasks(monkeypatch):
    """Collect the tasks that are queued by name."""
    queued = QueuedTasks()
    monkeypatch.setattr(current_app, "send_task", queued.send_task)
    return queued


@pytest.fixture
def confirmed_client(alice_client):
    """Return Alice's client after she has confirmed her identity."""
    alice_client.post("/account/reauthenticate/", {"password": "correct horse battery"})
    return alice_client
