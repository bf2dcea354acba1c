"""Disks without room, for files and for scratch: uploads and jobs say so, keep what they have, and go on with room."""

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.torture import clips, outcome
from tests.torture.house import House
from tests.torture.trial import Trial

KB = 1024
ROOM = 1024 * KB
HURRY = "UPDATE videos_job SET run_after = now() WHERE status = 'pending'"
PUT_OFF = "SELECT waits, attempts, error FROM videos_job WHERE waits > 0"


def run(trial: Trial) -> None:
    if os.getuid() != 0:
        trial.say("not tried: only root can mount a small disk")
        return
    var_dir = trial.folder / "house"
    with small_disk(var_dir / "media"), small_disk(var_dir / "scratch"), trial.own_house() as house:
        model = house.visitor().upload("film.mp4", clips.plain())
        house.settle_down()
        _uploads(trial, house)
        for number in range(trial.either(6, 2)):
            video = _read_without_room(trial, house, ("scratch", "media")[number % 2])
            outcome.check_videos(trial, house, model, [video])
            house.visitor().call("DELETE", f"/v2/videos/{video}")
            _forget(house, video)
        outcome.check_jobs(trial, house)


def _uploads(trial: Trial, house: House) -> None:
    """Two films are announced while there is room for either; the second finds none for its part."""
    alice = house.visitor()
    free = os.statvfs(house.var_dir / "media").f_bavail * os.statvfs(house.var_dir / "media").f_frsize
    refused = alice.call("POST", "/v2/uploads", {"filename": "a.mp4", "size": 2 * ROOM})
    trial.check(refused.status == 503 and "no room" in str(refused.body), f"announcing too much says {refused}")
    size = free * 6 // 10
    first, second = (
        f"/v2/uploads/{alice.call('POST', '/v2/uploads', {'filename': 'a.mp4', 'size': size}).body['upload_id']}"
        for _ in range(2)
    )
    said = []
    for here in (first, second):
        address = alice.get(f"{here}/parts/1/url")["url"]
        said.append(alice.call("PUT", address, secrets.token_bytes(size), "application/octet-stream"))
    trial.check(said[0].status == 200, f"a part that fits is answered with {said[0]}")
    trial.check(said[1].status == 503 and "full" in str(said[1].body), f"a part without room: {said[1]}")
    trial.say(f"a part without room is answered: {said[1].body['error']['message']}")
    trial.check(not alice.get(f"{second}/parts")["parts"], "a part that found no room is listed")
    alice.call("DELETE", first)
    again = alice.call("PUT", address, secrets.token_bytes(size), "application/octet-stream")
    trial.check(again.status == 200, f"with room again, the part is answered with {again}")
    alice.call("DELETE", second)
    left = list((house.var_dir / "media" / "uploads").glob("*"))
    trial.check(not left, f"cancelled uploads left {left}")


def _read_without_room(trial: Trial, house: House, where: str) -> str:
    """Take a film in while one of the disks is all but full; make room once its job has said so."""
    film = clips.unlike(clips.plain())
    ballast = house.var_dir / where / "ballast"
    free = os.statvfs(ballast.parent).f_bavail * os.statvfs(ballast.parent).f_frsize
    ballast.write_bytes(bytes(free - (len(film) + 32 * KB if where == "media" else 8 * KB)))
    video = house.visitor().upload("film.mp4", film)
    house.wait(lambda: house.rows(PUT_OFF) or not house.open_jobs())
    found = house.rows(PUT_OFF)
    trial.check(found and not house.rows(PUT_OFF + " AND attempts > 0"), f"a full disk of {where}: {found}")
    trial.check(all("disk" in error and "full" in error for _, _, error in found), f"it does not say why: {found}")
    trial.say(f"without room for {where}: {found[0][2] if found else 'nothing was put off'}")
    ballast.unlink()
    house.execute(HURRY)
    house.settle_down()
    return video


def _forget(house: House, video: str) -> None:
    """As the grace's end does: so that the small disk has room for the next film."""
    house.run(
        "from videos import cleaning; from videos.models import Video;"
        f"cleaning.purge(Video.everything.get(pk={video!r}))"
    )


@contextmanager
def small_disk(folder: Path, size: int = ROOM) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
