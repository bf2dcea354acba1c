"""Define the step that writes an answer."""

from chat.answering.endings import settle
from chat.models import AnswerJob
from sage.jobs.registry import Step


def choose_queue(job: AnswerJob) -> str:
    """Return the queue of an answer. Agents may take minutes, so only plain answers use the queue high."""
    return "medium" if job.message.agent else "high"


ANSWER = Step(
    model=AnswerJob,
    kind=AnswerJob.KIND,
    run="chat.answering.steps.write_answer",
    settle=settle,
    queue=choose_queue,
    label="Answer",
    running_label="Answering",
    failure_message="The answer could not be written. Try again.",
)
