"""Stop and crash PostgreSQL at random moments. Running jobs write their results after it is back."""

import signal
import time

from tests.faults import clips, outcome
from tests.faults.scenario import Scenario


def run(scenario: Scenario) -> None:
    with scenario.open_site() as site:
        alice = site.sign_in()
        pair = (alice.upload("a.mp4", clips.plain()), alice.upload("b.mp4", clips.longer()))
        site.wait_until_idle()
        compared = alice.compare(*pair)
        site.wait_until_idle()
        videos, comparisons = [], []
        for number in range(scenario.select(12, 2)):
            videos += [alice.upload("film.mp4", clips.with_unique_bytes(clips.plain())) for _ in range(2)]
            comparisons.append(alice.compare(*pair))
            time.sleep(scenario.random.uniform(0, 1.5))
            how = (signal.SIGINT, signal.SIGQUIT)[number % 2]  # a fast shutdown, or a crash
            site.kill("postgres", how)
            time.sleep(scenario.random.uniform(0, 2))
            site.start("postgres")
            scenario.log(
                f"{'stopped' if how == signal.SIGINT else 'crashed'} PostgreSQL; {site.count_open_jobs()} jobs are open"
            )
            site.wait(site.is_healthy)
        site.wait_until_idle(600)
        scenario.log(f"{len(videos)} videos and {len(comparisons)} comparisons were created")
        outcome.check_jobs(scenario, site)
        outcome.check_videos(scenario, site, pair[0], videos)
        outcome.check_comparisons(scenario, site, compared, comparisons)
        dead = [name for name, process in site.processes.items() if process.poll() is not None]
        scenario.check(not dead, f"{dead} exited")
