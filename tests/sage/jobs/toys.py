"""A toy job table and a toy step, which are all that a new kind of job needs."""

import uuid

from django.db import models

from sage.events import Topic
from sage.jobs.heartbeat import Heartbeat
from sage.jobs.models import AbstractJob
from sage.jobs.registry import Save, Step


class ToyJob(AbstractJob):
    """A job that writes its word in capitals. The fixtures in `conftest.py` create the table."""

    word = models.CharField(max_length=100, default="toy")
    result = models.CharField(max_length=100, blank=True)
    owner_id = models.UUIDField(default=uuid.uuid4)

    topic = Topic("toys")

    class Meta(AbstractJob.Meta):
        app_label = "toys"

    @property
    def subject(self) -> str:
        return self.word

    def list_audience(self) -> list[uuid.UUID]:
        return [self.owner_id]

    def as_event(self) -> dict[str, object]:
        return {"toy": self.word, "status": self.status, "progress": self.progress}


def capitalise(job: ToyJob, heartbeat: Heartbeat) -> Save:
    heartbeat(0.5)
    result = job.word.upper()
    return lambda: ToyJob.rows().filter(pk=job.pk).update(result=result) and None


CAPITALISE = Step(
    model=ToyJob,
    kind="capitalise",
    queue="low",
    run=capitalise,
    label="Capitalise word",
    running_label="Capitalising word",
    failure_message="The word could not be capitalised.",
)
