"""Checks of the results after all processes are idle."""

from tests.faults.scenario import Scenario
from tests.faults.site import FaultSite
from tests.servers import wait_until

FACTS = "duration, width, height, frame_rate, frame_count, stills::text, fingerprint_version, has_rendition"
SWEEP_SECONDS = 90  # the scratch of a killed worker is deleted within this time


def check_videos(scenario: Scenario, site: FaultSite, model: str, others: list[str]) -> None:
    """Check that each of `others` equals `model`, a video of the same film that was processed without faults."""
    expected = _read_video(site, model)
    for video in others:
        for what, wanted, found in zip(("values", "vectors", "files"), expected, _read_video(site, video), strict=True):
            scenario.check(found == wanted, f"video {video}: {what} are {found}, expected {wanted}")


def _read_video(site: FaultSite, video: str) -> tuple[object, ...]:
    row = site.rows(f"SELECT status, error, {FACTS} FROM videos_video WHERE id = %s", video)  # noqa: S608 - constant names
    vectors = site.rows(
        'SELECT scope, start, "end", vector::text FROM videos_embedding WHERE video_id = %s ORDER BY scope, start',
        video,
    )
    files = site.digests(f"derived/{video}")
    files.pop("web.mp4", None) and files.setdefault("web.mp4", "rendition")
    return row, vectors, files


def check_comparisons(scenario: Scenario, site: FaultSite, model: str, others: list[str]) -> None:
    """Check that each of `others` has the same result as `model`."""
    expected = _read_comparison(site, model)
    for comparison in others:
        scenario.check(_read_comparison(site, comparison) == expected, f"comparison {comparison} differs from {model}")


def _read_comparison(site: FaultSite, comparison: str) -> tuple[object, ...]:
    script = site.value("SELECT script FROM videos_comparison WHERE id = %s", comparison)
    return script, site.digests(f"comparisons/{comparison}")


def check_jobs(scenario: Scenario, site: FaultSite) -> None:
    """Check that every job completed exactly once and left nothing else behind."""
    for kind, status, error, count in site.rows(
        "SELECT kind, status, error, count(*) FROM videos_job WHERE status <> 'completed' GROUP BY 1, 2, 3"
    ):
        scenario.check(False, f"{count} jobs of {kind} are {status}: {error}")
    for job, kind, count in site.rows(
        "SELECT job, kind, count(*) FROM fault_job_log WHERE status = 'completed' GROUP BY 1, 2 HAVING count(*) > 1"
    ):
        scenario.check(False, f"job {job} ({kind}) was completed {count} times")
    check_leftovers(scenario, site)


def check_leftovers(scenario: Scenario, site: FaultSite) -> None:
    """Check that no scratch folder and no partly written file remain."""
    try:
        wait_until(lambda: not site.scratch, SWEEP_SECONDS)
    except AssertionError:
        scenario.check(False, f"scratch folders remain: {[path.name for path in site.scratch]}")
    scenario.check(not site.unfinished_files, f"unfinished files remain: {site.unfinished_files}")
    known = {key for (key,) in site.rows("SELECT storage_key FROM videos_video")}
    stored = {f"videos/{name}" for name in site.digests("videos")}
    scenario.check(stored == known, f"files without a row: {stored - known}; rows without a file: {known - stored}")
