"""Valkey killed, and emptied, at random moments: every nudge is lost, no job is."""

import time

import redis

from tests.torture import clips, outcome
from tests.torture.trial import Trial


def run(trial: Trial) -> None:
    with trial.house() as house:
        alice = house.visitor()
        model = alice.upload("film.mp4", clips.plain())
        house.settle_down()
        videos = []
        for number in range(trial.either(10, 2)):
            videos += [alice.upload("film.mp4", clips.unlike(clips.plain())) for _ in range(3)]
            time.sleep(trial.random.uniform(0, 1.5))
            if number % 2:
                held = redis.Redis.from_url(house.stack.redis_url()).dbsize()
                redis.Redis.from_url(house.stack.redis_url()).flushall()
                trial.say(f"emptied Valkey of {held} keys; {house.open_jobs()} jobs were open")
            else:
                house.kill("valkey")
                videos.append(alice.upload("film.mp4", clips.unlike(clips.plain())))  # sent to nobody
                time.sleep(trial.random.uniform(0, 2))
                trial.say(f"killed Valkey, and took a video in without it; {house.open_jobs()} jobs were open")
                house.start("valkey")
        house.settle_down(600)
        house.wait(house.is_well)
        trial.say(f"{len(videos)} videos are read")
        outcome.check_jobs(trial, house)
        outcome.check_videos(trial, house, model, videos)
        tried = house.value("SELECT max(attempts) FROM videos_job")
        trial.check(tried == 1, f"a job was tried {tried} times, though no worker died")
