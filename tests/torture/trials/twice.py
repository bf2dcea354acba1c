"""Two workers on one job, the same message many times, and a worker that sleeps past its lease: one result each."""

import signal

from tests.torture import clips, outcome
from tests.torture.trial import Trial

AGAIN = """
from celery import current_app
from videos.models import Job
for job in list(Job.objects.values_list("pk", flat=True)) * {times}:
    current_app.send_task("videos.tasks.run_job", [str(job)], queue="medium")
"""
LAPSE = "UPDATE videos_job SET lease_expires_at = now() WHERE status = 'in_progress'"


def run(trial: Trial) -> None:
    with trial.house() as house:
        alice = house.visitor()
        model = alice.upload("film.mp4", clips.plain())
        house.settle_down()
        house.hire("second")
        videos = [alice.upload("film.mp4", clips.unlike(clips.plain())) for _ in range(trial.either(20, 3))]
        times = trial.either(20, 10)
        house.run(AGAIN.format(times=times))
        house.settle_down(300)
        trial.say(f"sent every message {times} times more, to two workers")
        tried = house.value("SELECT max(attempts) FROM videos_job")
        trial.check(tried == 1, f"a job was tried {tried} times, though no worker died")

        for _ in range(trial.either(8, 1)):
            videos.append(alice.upload("film.mp4", clips.unlike(clips.plain())))
            house.wait(lambda: house.rows("SELECT 1 FROM videos_job WHERE status = 'in_progress'"))
            for name in ("worker", "second"):
                house.processes[name].send_signal(signal.SIGSTOP)
            house.execute(LAPSE)
            slept = house.rows("SELECT lease FROM videos_job WHERE status = 'in_progress'")
            house.hire("third")
            house.wait(lambda: not house.open_jobs())
            for name in ("worker", "second"):  # they wake up, go on, and are to notice
                house.processes[name].send_signal(signal.SIGCONT)
            house.kill("third")
            trial.say(f"two workers slept past {len(slept)} leases, and a third did their work")
        house.wait(lambda: not house.scratch)
        outcome.check_jobs(trial, house)
        outcome.check_videos(trial, house, model, videos)
