"""Run two workers on one job, repeat messages, and let a worker sleep past its lease. Each job has one result."""

import signal

from tests.faults import clips, outcome
from tests.faults.scenario import Scenario

SEND_AGAIN = """
from celery import current_app
from videos.models import Job
for job in list(Job.objects.values_list("pk", flat=True)) * {times}:
    current_app.send_task("videos.tasks.run_job", [str(job)], queue="medium")
"""
EXPIRE_LEASES = "UPDATE videos_job SET lease_expires_at = now() WHERE status = 'in_progress'"


def run(scenario: Scenario) -> None:
    with scenario.open_site() as site:
        alice = site.sign_in()
        model = alice.upload("film.mp4", clips.plain())
        site.wait_until_idle()
        site.start_worker("second")
        videos = [
            alice.upload("film.mp4", clips.with_unique_bytes(clips.plain())) for _ in range(scenario.select(20, 3))
        ]
        times = scenario.select(20, 10)
        site.run(SEND_AGAIN.format(times=times))
        site.wait_until_idle(300)
        scenario.log(f"sent every message {times} more times to two workers")
        attempts = site.value("SELECT max(attempts) FROM videos_job")
        scenario.check(attempts == 1, f"a job had {attempts} attempts, though no worker died")

        for _ in range(scenario.select(8, 1)):
            videos.append(alice.upload("film.mp4", clips.with_unique_bytes(clips.plain())))
            site.wait(lambda: site.rows("SELECT 1 FROM videos_job WHERE status = 'in_progress'"))
            for name in ("worker", "second"):
                site.processes[name].send_signal(signal.SIGSTOP)
            site.execute(EXPIRE_LEASES)
            expired = site.rows("SELECT lease FROM videos_job WHERE status = 'in_progress'")
            site.start_worker("third")
            site.wait(lambda: not site.count_open_jobs())
            for name in ("worker", "second"):  # they continue and must notice that they lost the leases
                site.processes[name].send_signal(signal.SIGCONT)
            site.kill("third")
            scenario.log(
                f"two workers were stopped until {len(expired)} leases expired, and a third one did their work"
            )
        site.wait(lambda: not site.scratch)
        outcome.check_jobs(scenario, site)
        outcome.check_videos(scenario, site, model, videos)
