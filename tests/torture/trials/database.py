"""PostgreSQL stopped and crashed at random moments: what was being worked on is written once it is back."""

import signal
import time

from tests.torture import clips, outcome
from tests.torture.trial import Trial


def run(trial: Trial) -> None:
    with trial.house() as house:
        alice = house.visitor()
        pair = (alice.upload("a.mp4", clips.plain()), alice.upload("b.mp4", clips.longer()))
        house.settle_down()
        compared = alice.compare(*pair)
        house.settle_down()
        videos, comparisons = [], []
        for number in range(trial.either(12, 2)):
            videos += [alice.upload("film.mp4", clips.unlike(clips.plain())) for _ in range(2)]
            comparisons.append(alice.compare(*pair))
            time.sleep(trial.random.uniform(0, 1.5))
            how = (signal.SIGINT, signal.SIGQUIT)[number % 2]  # a quick shutdown, and one as after a power cut
            house.kill("postgres", how)
            time.sleep(trial.random.uniform(0, 2))
            house.start("postgres")
            trial.say(
                f"{'stopped' if how == signal.SIGINT else 'crashed'} PostgreSQL; {house.open_jobs()} jobs are open"
            )
            house.wait(house.is_well)
        house.settle_down(600)
        trial.say(f"{len(videos)} videos and {len(comparisons)} comparisons came of it")
        outcome.check_jobs(trial, house)
        outcome.check_videos(trial, house, pair[0], videos)
        outcome.check_comparisons(trial, house, compared, comparisons)
        dead = [name for name, process in house.processes.items() if process.poll() is not None]
        trial.check(not dead, f"{dead} did not survive it")
