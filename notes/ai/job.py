"""Define the step that writes notes, and the task of outside workers."""

from typing import Any

from django.db.models import Q

from notes.ai import queueing
from notes.models import NoteJob
from sage.jobs.outside import Offer, TaskType
from sage.jobs.registry import Step

AI_NOTE = Step(
    model=NoteJob,
    kind=NoteJob.KIND,
    offer=Offer(name="ai_note", condition=Q(kind=NoteJob.KIND), applies=lambda job: True),
    run="notes.ai.steps.write_note",
    settle=queueing.settle,
    label="Write note",
    running_label="Writing note",
    failure_message="Sage could not write this note. Retry, or write it yourself.",
)


def _describe(job: NoteJob) -> dict[str, Any]:
    note = job.note
    return {"video_id": note.video.video_id, "note_id": str(note.pk), "timestamp": note.timestamp}


TASK_TYPE = TaskType(
    step=AI_NOTE,
    payload="text",
    message="Write one line about what is said at this second.",
    describe=_describe,
    identify=lambda job: job.note.video.video_id,
    read_result=queueing.read_text,
)
