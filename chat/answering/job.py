"""Define the step that writes an answer."""

from chat.answering.endings import settle
from chat.models import AnswerJob
from sage.jobs.registry import Step

ANSWER = Step(
    model=AnswerJob,
    kind=AnswerJob.KIND,
    run="chat.answering.steps.write_answer",
    settle=settle,
    queue="high",
    label="Answer",
    running_label="Answering",
    failure_message="The answer could not be written. Try again.",
)
