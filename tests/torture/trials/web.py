"""The web process killed while parts arrive and while they are completed: the upload goes on by listing its parts."""

import contextlib
import hashlib
import http.client
import secrets
import struct
import threading
import time
from collections.abc import Callable

from tests.torture import clips, outcome
from tests.torture.house import House
from tests.torture.trial import Trial
from tests.torture.visitor import Answer, Visitor

MB = 1024 * 1024
PIECE = 256 * 1024
MOST_MEGABYTES = 150  # of memory, whatever the size of a film


def run(trial: Trial) -> None:
    with trial.house() as house:
        alice = house.visitor()
        model = alice.upload("film.mp4", clips.plain())
        videos = []
        for _ in range(trial.either(8, 1)):
            film = clips.plain() + struct.pack(">I4s", 8 + 21 * MB, b"free") + secrets.token_bytes(21 * MB)
            asked = {"filename": "master.mp4", "size": len(film), "sha256": hashlib.sha256(film).hexdigest()}
            here = f"/v2/uploads/{alice.call('POST', '/v2/uploads', asked).body['upload_id']}"
            parts = [film[start : start + 10 * MB] for start in range(0, len(film), 10 * MB)]
            _send(alice, here, 1, parts[0])
            _kill_during(trial, house, lambda parts=parts, here=here: _send(alice, here, 2, parts[1], slowly=True), 1.0)
            listed = {part["part_number"]: part["size"] for part in alice.get(f"{here}/parts")["parts"]}
            trial.check(listed.get(1) == 10 * MB, f"part 1 was lost: {listed}")
            trial.check(listed.get(2) in (None, 10 * MB), f"part 2 counts though it is not whole: {listed}")
            trial.say(f"killed the web in part 2; it lists {sorted(listed)} of {len(parts)}")
            for number in {2, 3} - listed.keys():
                _send(alice, here, number, parts[number - 1])
            named = [
                {"part_number": part["part_number"], "etag": part["etag"]}
                for part in alice.get(f"{here}/parts")["parts"]
            ]
            _kill_during(trial, house, lambda here=here, named=named: _complete(alice, here, named), 0.05)
            answers = [_complete(alice, here, named) for _ in range(2)]
            trial.check({answer.status for answer in answers} == {201}, f"completing says {answers}")
            trial.check(len({str(answer.body["video_id"]) for answer in answers}) == 1, "one upload became two videos")
            videos.append(str(answers[0].body["video_id"]))
        peak = house.peak_megabytes("web")
        trial.check(peak < MOST_MEGABYTES, f"the web took {peak:.0f} MB of memory for parts")
        house.settle_down()
        trial.say(f"{len(videos)} uploads became {len(videos)} videos of just their bytes")
        outcome.check_jobs(trial, house)
        outcome.check_videos(trial, house, model, videos)


def _send(alice: Visitor, here: str, number: int, data: bytes, slowly: bool = False) -> None:
    """PUT a part, in pieces with pauses where a kill is to meet it."""
    address = alice.get(f"{here}/parts/{number}/url")["url"]
    host, _, path = address.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.putrequest("PUT", f"/{path}")
    connection.putheader("Content-Length", str(len(data)))
    connection.endheaders()
    for start in range(0, len(data), PIECE):
        connection.send(data[start : start + PIECE])
        if slowly:
            time.sleep(0.02)
    status = connection.getresponse().status
    assert status == 200, status


def _complete(alice: Visitor, here: str, named: list[dict[str, object]]) -> Answer:
    return alice.call("POST", f"{here}/complete", {"parts": named})


def _kill_during(trial: Trial, house: House, request: Callable[[], object], within: float) -> None:
    """Kill the web at a random moment of a request, start it again, and wait until it answers."""

    def attempt() -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):  # what it is killed for
            request()

    asking = threading.Thread(target=attempt)
    asking.start()
    time.sleep(trial.random.uniform(0, within))
    house.kill("web")
    asking.join()
    house.start("web")
    house.wait(house.is_well)
