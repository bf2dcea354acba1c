import io
import uuid

import pytest
from django.core.management import CommandError, call_command

from sage.jobs import queue
from videos.models import Job

pytestmark = pytest.mark.django_db


def run(*arguments) -> str:
    out = io.StringIO()
    call_command("jobs", *arguments, stdout=out, stderr=out)
    return out.getvalue()


@pytest.fixture
def failed(alice, clip, make_video):
    video = make_video(alice, clip)
    probe = video.jobs.get(kind=Job.Kind.PROBE)
    queue.fail(queue.claim(Job, probe.pk), "The decoder\nstopped.")
    return probe


def test_a_list_shows_the_subject_and_the_error_of_each_job(failed):
    output = run("list")

    assert f"{failed.pk}  probe     failed" in output
    assert f"{failed.video}: The decoder stopped." in output
    assert "ingest" in output


def test_a_list_is_filtered_by_status_and_kind(failed):
    assert "ingest" not in run("list", "--status", "failed")
    assert "probe" not in run("list", "--kind", "ingest")


@pytest.mark.parametrize("selection", ["by id", "--failed"])
def test_a_failed_job_is_retried(failed, selection):
    assert "Retried 1 of 1." in run("retry", *([str(failed.pk)] if selection == "by id" else ["--failed"]))

    failed.refresh_from_db()
    assert (failed.status, failed.attempts, failed.error) == ("pending", 0, "")


def test_a_job_that_did_not_fail_is_not_retried(alice, clip, make_video):
    probe = make_video(alice, clip).jobs.get(kind=Job.Kind.PROBE)

    output = run("retry", str(probe.pk))

    assert "nothing to retry" in output
    assert "Retried 0 of 1." in output


@pytest.mark.parametrize("ids", [["retry"], ["retry", "x"], ["retry", str(uuid.uuid4())], ["retry", "--failed", "x"]])
def test_an_unknown_job_is_reported(ids):
    with pytest.raises(CommandError):
        run(*ids)
