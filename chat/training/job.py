"""Define the step that finds near duplicates, and queue it."""

from chat.training.models import TrainingJob, TrainingSet
from sage.jobs import queue
from sage.jobs.registry import Step

DEDUPLICATE = Step(
    model=TrainingJob,
    kind=TrainingJob.KIND,
    run="chat.training.duplicates.mark_duplicates",
    queue="low",
    label="Near duplicates",
    running_label="Looking for near duplicates",
    failure_message="Near duplicates could not be found. The pairs were kept. Add pairs or edit one to try again.",
)


def queue_deduplication(training_set: TrainingSet) -> None:
    """Have a worker look for duplicates. Call it in the transaction that changes the pairs.

    A job that runs is restarted, because it has not read the new pairs. Vectors that it has stored are kept.
    """
    job, is_new = TrainingJob.objects.get_or_create(set=training_set, defaults={"kind": TrainingJob.KIND})
    if is_new:
        queue.wake_workers(job)
    else:
        queue.restart(TrainingJob.objects.select_for_update().get(pk=job.pk))
