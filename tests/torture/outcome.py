"""What must be so once everything has come to rest, whatever was broken before."""

from tests.stage import wait_until
from tests.torture.house import House
from tests.torture.trial import Trial

FACTS = "duration, width, height, frame_rate, frame_count, stills::text, fingerprint_version, has_rendition"
SWEEP_SECONDS = 90  # scratch of a killed worker goes within this


def check_videos(trial: Trial, house: House, model: str, others: list[str]) -> None:
    """Each of `others` came out exactly as `model`, a video of the same film that nobody disturbed."""
    expected = _of_video(house, model)
    for video in others:
        for what, wanted, found in zip(("row", "vectors", "files"), expected, _of_video(house, video), strict=True):
            trial.check(found == wanted, f"video {video}: its {what} are {found}, where {wanted} were wanted")


def _of_video(house: House, video: str) -> tuple[object, ...]:
    row = house.rows(f"SELECT status, error, {FACTS} FROM videos_video WHERE id = %s", video)  # noqa: S608 - our own names
    vectors = house.rows(
        'SELECT scope, start, "end", vector::text FROM videos_embedding WHERE video_id = %s ORDER BY scope, start',
        video,
    )
    files = house.digests(f"derived/{video}")
    files.pop("web.mp4", None) and files.setdefault("web.mp4", "some copy")
    return row, vectors, files


def check_comparisons(trial: Trial, house: House, model: str, others: list[str]) -> None:
    """Each of `others` found the same as `model` did."""
    expected = _of_comparison(house, model)
    for comparison in others:
        trial.check(_of_comparison(house, comparison) == expected, f"comparison {comparison} is not as {model}")


def _of_comparison(house: House, comparison: str) -> tuple[object, ...]:
    script = house.value("SELECT script FROM videos_comparison WHERE id = %s", comparison)
    return script, house.digests(f"comparisons/{comparison}")


def check_jobs(trial: Trial, house: House) -> None:
    """Every job is completed, each was so exactly once, and nothing else is left of them."""
    for kind, status, error, count in house.rows(
        "SELECT kind, status, error, count(*) FROM videos_job WHERE status <> 'completed' GROUP BY 1, 2, 3"
    ):
        trial.check(False, f"{count} jobs of {kind} are {status}: {error}")
    for job, kind, count in house.rows(
        "SELECT job, kind, count(*) FROM torture_log WHERE status = 'completed' GROUP BY 1, 2 HAVING count(*) > 1"
    ):
        trial.check(False, f"job {job} ({kind}) was completed {count} times")
    check_leftovers(trial, house)


def check_leftovers(trial: Trial, house: House) -> None:
    """No scratch, and no file that was cut off while it was written."""
    try:
        wait_until(lambda: not house.scratch, SWEEP_SECONDS)
    except AssertionError:
        trial.check(False, f"scratch is left: {[path.name for path in house.scratch]}")
    trial.check(not house.unfinished_files, f"unfinished files are left: {house.unfinished_files}")
    known = {key for (key,) in house.rows("SELECT storage_key FROM videos_video")}
    stored = {f"videos/{name}" for name in house.digests("videos")}
    trial.check(stored == known, f"files without a row: {stored - known}; rows without a file: {known - stored}")
