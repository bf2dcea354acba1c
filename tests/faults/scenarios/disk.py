"""Fill the disks of media and scratch. Uploads and jobs report it, keep their data and continue once there is room."""

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults import clips, outcome
from tests.faults.scenario import Scenario
from tests.faults.site import FaultSite

KB = 1024
DISK_BYTES = 1024 * KB
RUN_NOW = "UPDATE videos_job SET run_after = now() WHERE status = 'pending'"
POSTPONED = "SELECT waits, attempts, error FROM videos_job WHERE waits > 0"


def run(scenario: Scenario) -> None:
    if os.getuid() != 0:
        scenario.log("skipped: only root can mount a small disk")
        return
    var_dir = scenario.folder / "site"
    with (
        small_disk(var_dir / "media"),
        small_disk(var_dir / "scratch"),
        scenario.open_own_site(DISK_RESERVE_MB="0") as site,  # the small disks are filled to the last byte
    ):
        model = site.sign_in().upload("film.mp4", clips.plain())
        site.wait_until_idle()
        _check_uploads(scenario, site)
        for number in range(scenario.select(6, 2)):
            video = _process_on_full_disk(scenario, site, ("scratch", "media")[number % 2])
            outcome.check_videos(scenario, site, model, [video])
            site.sign_in().call("DELETE", f"/v2/videos/{video}")
            _purge(site, video)
        outcome.check_jobs(scenario, site)


def _check_uploads(scenario: Scenario, site: FaultSite) -> None:
    """Announce more than the disk can hold, then fill the disk while an accepted upload sends its part."""
    alice = site.sign_in()
    media = site.var_dir / "media"
    free = os.statvfs(media).f_bavail * os.statvfs(media).f_frsize
    size = free * 6 // 10
    answers = [alice.call("POST", "/v2/uploads", {"filename": "a.mp4", "size": size}) for _ in range(3)]
    scenario.check(
        [answer.status for answer in answers] == [201, 503, 503] and "no disk space" in str(answers[1].body),
        f"announcements that exceed the disk together returned {answers}",
    )
    upload = f"/v2/uploads/{answers[0].body['upload_id']}"
    address, part = alice.get(f"{upload}/parts/1/url")["url"], secrets.token_bytes(size)
    (media / "ballast").write_bytes(bytes(free - size // 2))
    full = alice.call("PUT", address, part, "application/octet-stream")
    scenario.check(
        full.status == 503 and full.body["error"]["code"] == "SERVICE_UNAVAILABLE" and "full" in str(full.body),
        f"a part on a full disk returned {full}",
    )
    scenario.log(f"a part on a full disk returned: {full.body['error']['message']}")
    scenario.check(not alice.get(f"{upload}/parts")["parts"], "a part that was not stored is listed")
    scenario.check(alice.get("/v2/videos")["total"] == 1, "the library cannot be read while the disk is full")
    (media / "ballast").unlink()
    again = alice.call("PUT", address, part, "application/octet-stream")
    scenario.check(again.status == 200, f"with free space, the part returned {again}")
    alice.call("DELETE", upload)
    left = list((media / "uploads").glob("*"))
    scenario.check(not left, f"cancelled uploads left files: {left}")


def _process_on_full_disk(scenario: Scenario, site: FaultSite, where: str) -> str:
    """Process a film while one disk is almost full. Free space after its job has reported the problem."""
    film = clips.with_unique_bytes(clips.plain())
    ballast = site.var_dir / where / "ballast"
    free = os.statvfs(ballast.parent).f_bavail * os.statvfs(ballast.parent).f_frsize
    ballast.write_bytes(bytes(free - (len(film) + 32 * KB if where == "media" else 8 * KB)))
    video = site.sign_in().upload("film.mp4", film)
    site.wait(lambda: site.rows(POSTPONED) or not site.count_open_jobs())
    found = site.rows(POSTPONED)
    scenario.check(found and not site.rows(POSTPONED + " AND attempts > 0"), f"a full disk of {where}: {found}")
    scenario.check(
        all("disk" in error and "full" in error for _, _, error in found),
        f"the error does not give the reason: {found}",
    )
    scenario.log(f"full disk of {where}: {found[0][2] if found else 'no job was postponed'}")
    ballast.unlink()
    site.execute(RUN_NOW)
    site.wait_until_idle()
    return video


def _purge(site: FaultSite, video: str) -> None:
    """Purge a video as after its grace period, so that the small disk has room for the next film."""
    site.run(
        "from videos.library import purge; from videos.models import Video;"
        f"purge.purge_video(Video.all_objects.get(pk={video!r}))"
    )


@contextmanager
def small_disk(folder: Path, size: int = DISK_BYTES) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
