"""Kill and empty Valkey at random moments. Every message is lost, no job is."""

import time

import redis

from tests.faults import clips, outcome
from tests.faults.scenario import Scenario


def run(scenario: Scenario) -> None:
    with scenario.open_site() as site:
        alice = site.sign_in()
        model = alice.upload("film.mp4", clips.plain())
        site.wait_until_idle()
        videos = []
        for number in range(scenario.select(10, 2)):
            videos += [alice.upload("film.mp4", clips.with_unique_bytes(clips.plain())) for _ in range(3)]
            time.sleep(scenario.random.uniform(0, 1.5))
            if number % 2:
                held = redis.Redis.from_url(site.embedded.redis_url()).dbsize()
                redis.Redis.from_url(site.embedded.redis_url()).flushall()
                scenario.log(f"deleted {held} keys of Valkey; {site.count_open_jobs()} jobs were open")
            else:
                site.kill("valkey")
                videos.append(
                    alice.upload("film.mp4", clips.with_unique_bytes(clips.plain()))
                )  # its message cannot be sent
                time.sleep(scenario.random.uniform(0, 2))
                scenario.log(f"killed Valkey and uploaded a video without it; {site.count_open_jobs()} jobs were open")
                site.start("valkey")
        site.wait_until_idle(600)
        site.wait(site.is_healthy)
        scenario.log(f"{len(videos)} videos were processed")
        outcome.check_jobs(scenario, site)
        outcome.check_videos(scenario, site, model, videos)
        attempts = site.value("SELECT max(attempts) FROM videos_job")
        scenario.check(attempts == 1, f"a job had {attempts} attempts, though no worker died")
