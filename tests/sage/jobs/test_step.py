"""A new kind of job needs one step in one module, such as `toys.py`."""

from dataclasses import replace

import pytest
from django.core.management import call_command
from django.utils import timezone

from sage.errors import Conflict
from sage.jobs import queue, registry, tasks, worker
from sage.jobs.errors import JobRejected, LimitExceeded
from tests.sage.jobs.toys import CAPITALISE, ToyJob

pytestmark = pytest.mark.django_db
Status = ToyJob.Status


def run(job):
    worker.run(ToyJob, job.pk)
    job.refresh_from_db()
    return job


def failing_with(error):
    def fail(job, heartbeat):
        raise error

    return fail


def test_a_registered_step_runs_and_completes(job):
    run(job)

    assert (job.status, job.progress, job.result) == (Status.COMPLETED, 1, "TOY")
    assert (job.step.label, job.step.running_label) == ("Capitalise word", "Capitalising word")


def test_a_step_may_be_named_by_its_path(job, register):
    register(replace(CAPITALISE, run="tests.sage.jobs.toys.capitalise"))

    assert run(job).result == "TOY"


def test_a_message_names_the_table_and_the_job(job, monkeypatch, django_capture_on_commit_callbacks):
    sent = []
    monkeypatch.setattr("celery.current_app.send_task", lambda *message, **options: sent.append((*message, options)))
    with django_capture_on_commit_callbacks(execute=True):
        queue.wake_workers(job)

    [(name, arguments, options)] = sent
    assert (name, arguments, options["queue"]) == (tasks.run_job.name, ["toys.toyjob", str(job.pk)], "low")
    tasks.run_job(*arguments)
    job.refresh_from_db()
    assert job.status == Status.COMPLETED


def test_invalid_input_fails_at_once_and_partial_results_are_removed(job, register):
    cleaned, settled = [], []
    error = JobRejected("This is not a word.")
    register(replace(CAPITALISE, run=failing_with(error), settle=settled.append, clean_up=cleaned.append))

    run(job)

    assert (job.status, job.error, job.attempts) == (Status.FAILED, "This is not a word.", 1)
    assert (settled, cleaned) == ([job], [job])


def test_a_limit_that_is_exceeded_fails_at_once(job, register):
    register(replace(CAPITALISE, run=failing_with(LimitExceeded("memory")), limit_message="The word is too long."))

    assert (run(job).status, job.error) == (Status.FAILED, "The word is too long.")


def test_an_unexpected_error_is_retried_and_then_fails(job, register):
    register(replace(CAPITALISE, run=failing_with(RuntimeError("bug"))))

    for attempt in range(queue.MAX_ATTEMPTS):
        assert run(job).attempts == attempt + 1
        ToyJob.rows().update(run_after=timezone.now())

    assert (job.status, job.error) == (Status.FAILED, CAPITALISE.failure_message)


def test_a_job_that_failed_is_retried_by_the_command(job, register, capsys):
    register(replace(CAPITALISE, run=failing_with(JobRejected("No."))))
    run(job)
    call_command("jobs", "list", "--kind", "capitalise")
    assert "toy: No." in capsys.readouterr().out

    register(CAPITALISE)
    call_command("jobs", "retry", str(job.pk))
    assert "Retried 1 of 1." in capsys.readouterr().out
    assert run(job).status == Status.COMPLETED

    call_command("jobs", "retry", str(job.pk))
    assert "nothing to retry" in capsys.readouterr().err


def test_a_retry_of_the_step_restarts_all_work_on_the_subject(job, register, capsys):
    def refuse(word):
        raise Conflict(f"{word} stays as it is.")

    register(replace(CAPITALISE, retry=refuse))

    call_command("jobs", "retry", str(job.pk))

    assert "toy stays as it is." in capsys.readouterr().err


def test_a_running_job_that_is_cancelled_stops_at_its_next_heartbeat(job, register, report_always):
    cleaned = []

    def cancel_itself(job, heartbeat):
        queue.cancel(ToyJob.rows().filter(pk=job.pk))
        heartbeat(0.5)
        pytest.fail("The job continued.")

    register(replace(CAPITALISE, run=cancel_itself, clean_up=cleaned.append))

    assert run(job).status == Status.CANCELLED
    assert cleaned == [job]


def test_progress_is_published_to_the_owner(job, report_always, monkeypatch, django_capture_on_commit_callbacks):
    published = []
    monkeypatch.setattr("sage.events.Topic.publish", lambda _, owner_id, message: published.append((owner_id, message)))

    with django_capture_on_commit_callbacks(execute=True):
        run(job)

    assert {owner_id for owner_id, _ in published} == {job.owner_id}
    assert [(message["status"], message["progress"]) for _, message in published] == [
        (Status.IN_PROGRESS, 0),
        (Status.IN_PROGRESS, 0.5),
        (Status.COMPLETED, 1),
    ]


def test_a_job_of_an_unknown_kind_is_left_alone(make_job):
    job = make_job(kind="of-a-later-version")

    assert queue.claim(ToyJob, job.pk) is None
    assert run(job).status == Status.PENDING


def test_a_kind_is_registered_once_per_table(job):
    with pytest.raises(ValueError, match="already has a step"):
        registry.register(replace(CAPITALISE))


def test_a_table_without_steps_is_not_found():
    with pytest.raises(LookupError):
        registry.model_of("videos.video")
