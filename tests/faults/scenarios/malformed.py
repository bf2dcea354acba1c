"""Process malformed files. Each is read or refused with a clear message, within its limits."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.faults import outcome
from tests.faults.malformed import MalformedFile, build_film, generate_files
from tests.faults.runner import INGEST_LIMITS, get_peak_child_memory, is_plain_message, process_file
from tests.faults.scenario import Scenario

VIDEOS = "SELECT id::text, filename, status, error FROM videos_video"
OPEN_JOBS = "SELECT count(*) FROM videos_job WHERE status IN ('pending', 'in_progress')"


def run(scenario: Scenario) -> None:
    target = scenario.folder / "target.mov"
    target.write_bytes(build_film("mov"))
    malformed = list(generate_files(scenario.seed, scenario.select(320, 30), target))
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(process_file, malformed))
    for each in outcomes:
        scenario.check(not each.is_failure, f"{each.name}: {each.result}: {each.message}")
    results = Counter(each.result for each in outcomes)
    scenario.log(f"{len(malformed)} files: {dict(results)}")
    scenario.check(min(results["read"], results["refused"]) > 2, "nearly all files had the same result")
    slowest = max(outcomes, key=lambda each: each.seconds)
    scenario.log(f"slowest: {slowest.name}, {slowest.seconds:.1f} s; peak memory: {get_peak_child_memory() >> 20} MB")
    scenario.check(get_peak_child_memory() < INGEST_LIMITS.memory_bytes, "a decoder exceeded its memory limit")
    if scenario.whole:
        _upload_to_site(scenario, malformed)


def _upload_to_site(scenario: Scenario, malformed: list[MalformedFile]) -> None:
    """Upload the same files to a site, as a user does."""
    with scenario.open_site() as site:
        alice = site.sign_in()
        sent = [alice.post_video(f"{number} {each.name}", each.data).status for number, each in enumerate(malformed)]
        scenario.log(f"upload statuses: {dict(Counter(sent))}")
        answers = {200, 201, 415, 422}  # 200: the same bytes again
        scenario.check(set(sent) <= answers, f"uploads returned {set(sent)}")
        site.wait_until_idle(1800)
        scenario.check(site.value(OPEN_JOBS) == 0, "a job is still open")
        rows = site.rows(VIDEOS)
        scenario.check(len(rows) == sent.count(201), f"{len(rows)} videos were created by {sent.count(201)} uploads")
        for _, name, status, error in rows:
            is_expected = status == "ready" or (status == "failed" and is_plain_message(error))
            scenario.check(is_expected, f"{name} is {status}: {error}")
        outcome.check_leftovers(scenario, site)
