"""Kill the web process while parts arrive and uploads complete. Uploads resume from their list of parts."""

import contextlib
import hashlib
import http.client
import secrets
import struct
import threading
import time
from collections.abc import Callable

from tests.faults import clips, outcome
from tests.faults.client import ApiClient, ApiResponse
from tests.faults.scenario import Scenario
from tests.faults.site import FaultSite

MB = 1024 * 1024
CHUNK = 256 * 1024
MAX_MEGABYTES = 150  # of memory, for a film of any size


def run(scenario: Scenario) -> None:
    with scenario.open_site() as site:
        alice = site.sign_in()
        model = alice.upload("film.mp4", clips.plain())
        videos = []
        for _ in range(scenario.select(8, 1)):
            film = clips.plain() + struct.pack(">I4s", 8 + 21 * MB, b"free") + secrets.token_bytes(21 * MB)
            announcement = {"filename": "master.mp4", "size": len(film), "sha256": hashlib.sha256(film).hexdigest()}
            here = f"/v2/uploads/{alice.call('POST', '/v2/uploads', announcement).body['upload_id']}"
            parts = [film[start : start + 10 * MB] for start in range(0, len(film), 10 * MB)]
            _send(alice, here, 1, parts[0])
            _kill_during(
                scenario, site, lambda parts=parts, here=here: _send(alice, here, 2, parts[1], slowly=True), 1.0
            )
            listed = {part["part_number"]: part["size"] for part in alice.get(f"{here}/parts")["parts"]}
            scenario.check(listed.get(1) == 10 * MB, f"part 1 was lost: {listed}")
            scenario.check(listed.get(2) in (None, 10 * MB), f"part 2 is listed but incomplete: {listed}")
            scenario.log(f"killed the web process in part 2; listed parts: {sorted(listed)} of {len(parts)}")
            for number in {2, 3} - listed.keys():
                _send(alice, here, number, parts[number - 1])
            named = [
                {"part_number": part["part_number"], "etag": part["etag"]}
                for part in alice.get(f"{here}/parts")["parts"]
            ]
            _kill_during(scenario, site, lambda here=here, named=named: _complete(alice, here, named), 0.05)
            answers = [_complete(alice, here, named) for _ in range(2)]
            scenario.check({answer.status for answer in answers} == {201}, f"completing returned {answers}")
            scenario.check(
                len({str(answer.body["video_id"]) for answer in answers}) == 1, "one upload became two videos"
            )
            videos.append(str(answers[0].body["video_id"]))
        peak = site.peak_megabytes("web")
        scenario.check(peak < MAX_MEGABYTES, f"the web process used {peak:.0f} MB of memory")
        site.wait_until_idle()
        scenario.log(f"{len(videos)} uploads became {len(videos)} videos")
        outcome.check_jobs(scenario, site)
        outcome.check_videos(scenario, site, model, videos)


def _send(alice: ApiClient, here: str, number: int, data: bytes, slowly: bool = False) -> None:
    """PUT a part, in chunks. With `slowly`, pause between them so that a kill hits the request."""
    address = alice.get(f"{here}/parts/{number}/url")["url"]
    host, _, path = address.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(host, timeout=60)
    connection.putrequest("PUT", f"/{path}")
    connection.putheader("Content-Length", str(len(data)))
    connection.endheaders()
    for start in range(0, len(data), CHUNK):
        connection.send(data[start : start + CHUNK])
        if slowly:
            time.sleep(0.02)
    status = connection.getresponse().status
    assert status == 200, status


def _complete(alice: ApiClient, here: str, named: list[dict[str, object]]) -> ApiResponse:
    return alice.call("POST", f"{here}/complete", {"parts": named})


def _kill_during(scenario: Scenario, site: FaultSite, request: Callable[[], object], within: float) -> None:
    """Kill the web process at a random moment of a request, start it again and wait until it answers."""

    def attempt() -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):  # expected after the kill
            request()

    thread = threading.Thread(target=attempt)
    thread.start()
    time.sleep(scenario.random.uniform(0, within))
    site.kill("web")
    thread.join()
    site.start("web")
    site.wait(site.is_healthy)
