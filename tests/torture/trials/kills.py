"""kill -9 of the worker at random moments of every step: every job ends right, with exactly one result."""

import time

from tests.torture import clips, outcome
from tests.torture.house import House
from tests.torture.trial import Trial

STEPS = ("probe", "ingest", "rendition", "compare")
PATIENT = 2  # kills a step after which the lease really lapses by itself; after the others that time is skipped
TRIED = "SELECT 1 FROM videos_job WHERE attempts > 1 AND status <> 'completed'"
BEGUN = """
    SELECT 1 FROM videos_job
    WHERE kind = %s AND status <> 'pending' AND %s IN (video_id::text, comparison_id::text)
"""
HELD = "SELECT kind FROM videos_job WHERE status = 'in_progress' AND lease_expires_at > now() ORDER BY 1"
USUAL = "SELECT kind, extract(epoch FROM min(completed_at - started_at))::float FROM videos_job GROUP BY 1"


def run(trial: Trial) -> None:
    with trial.house() as house:
        alice = house.visitor()
        undisturbed = {
            film.__name__: alice.upload("film.mp4", film()) for film in (clips.plain, clips.longer, clips.unplayable)
        }
        house.settle_down()
        pair = (undisturbed["plain"], undisturbed["longer"])
        compared = alice.compare(*pair)
        house.settle_down()
        usual = dict(house.rows(USUAL))
        trial.say("undisturbed: " + ", ".join(f"{kind} {usual[kind]:.1f} s" for kind in STEPS))

        made: dict[str, list[str]] = {step: [] for step in STEPS}
        for step in STEPS:
            film = clips.unplayable if step == "rendition" else clips.plain
            for number in range(trial.either(50, 3)):
                # A job that is met by as many kills as it may be tried would fail, and rightly so: none gets near that.
                house.wait(lambda: not house.rows(TRIED), 300)
                if step == "compare":
                    made[step].append(alice.compare(*pair))
                else:
                    made[step].append(alice.upload("film.mp4", clips.unlike(film())))
                _kill_within(trial, house, step, made[step][-1], usual[step], patient=trial.whole and number < PATIENT)
        house.settle_down(600)
        _tell(trial, house)
        outcome.check_jobs(trial, house)
        outcome.check_videos(trial, house, undisturbed["plain"], made["probe"] + made["ingest"])
        outcome.check_videos(trial, house, undisturbed["unplayable"], made["rendition"])
        outcome.check_comparisons(trial, house, compared, made["compare"])


def _kill_within(trial: Trial, house: House, step: str, of: str, usual: float, patient: bool) -> None:
    """Kill the worker at a random moment of a step of `of`, and start it again."""
    house.wait(lambda: house.rows(BEGUN, step, of), 300)
    moment = trial.random.uniform(0, usual * 0.9)
    time.sleep(moment)
    house.kill("worker")
    held = [kind for (kind,) in house.rows(HELD)]
    trial.say(f"killed the worker {moment:.1f} s into {step}; it held {', '.join(held) or 'nothing'}")
    house.start("worker")
    if not patient:  # its holder is dead for sure: let its time be up
        house.execute("UPDATE videos_job SET lease_expires_at = now() WHERE status = 'in_progress'")


def _tell(trial: Trial, house: House) -> None:
    for kind, count, hit, most in house.rows(
        "SELECT kind, count(*), count(*) FILTER (WHERE attempts > 1), max(attempts) FROM videos_job GROUP BY 1"
    ):
        trial.say(f"{kind}: {count} jobs, {hit} of them hit by a kill, tried {most} times at most")
