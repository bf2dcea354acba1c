import io
import uuid

import pytest
from django.core.management import CommandError, call_command

from videos import jobs
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
    jobs.fail(jobs.claim(probe.pk), "The decoder\nstopped.", lambda job: None)
    return probe


def test_a_list_shows_what_each_job_is_of_and_what_is_wrong(failed):
    said = run("list")

    assert f"{failed.pk}  probe     failed" in said
    assert f"{failed.video}: The decoder stopped." in said
    assert "ingest" in said


def test_a_list_is_narrowed(failed):
    assert "ingest" not in run("list", "--status", "failed")
    assert "probe" not in run("list", "--kind", "ingest")


@pytest.mark.parametrize("how", ["by id", "--failed"])
def test_what_failed_runs_again(failed, how):
    assert "1 of 1 run again." in run("retry", *([str(failed.pk)] if how == "by id" else ["--failed"]))

    failed.refresh_from_db()
    assert (failed.status, failed.attempts, failed.error) == ("pending", 0, "")


def test_what_did_not_fail_is_told_and_left_alone(alice, clip, make_video):
    probe = make_video(alice, clip).jobs.get(kind=Job.Kind.PROBE)

    said = run("retry", str(probe.pk))

    assert "nothing to retry" in said
    assert "0 of 1 run again." in said


@pytest.mark.parametrize("ids", [["retry"], ["retry", "x"], ["retry", str(uuid.uuid4())], ["retry", "--failed", "x"]])
def test_a_job_that_is_none_is_told(ids):
    with pytest.raises(CommandError):
        run(*ids)
