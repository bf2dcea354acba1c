"""Kill the worker with SIGKILL at random moments of every step. Every job ends correctly with exactly one result."""

import time

from tests.faults import clips, outcome
from tests.faults.scenario import Scenario
from tests.faults.site import FaultSite

STEPS = ("probe", "ingest", "rendition", "compare")
EXPIRED_LEASES = 2  # kills of each step after which the lease expires in real time; the others skip that time
RETRIED = "SELECT 1 FROM videos_job WHERE attempts > 1 AND status <> 'completed'"
STARTED = """
    SELECT 1 FROM videos_job
    WHERE kind = %s AND status <> 'pending' AND %s IN (video_id::text, comparison_id::text)
"""
LEASED = "SELECT kind FROM videos_job WHERE status = 'in_progress' AND lease_expires_at > now() ORDER BY 1"
SHORTEST = "SELECT kind, extract(epoch FROM min(completed_at - started_at))::float FROM videos_job GROUP BY 1"


def run(scenario: Scenario) -> None:
    with scenario.open_site() as site:
        alice = site.sign_in()
        uninterrupted = {
            film.__name__: alice.upload("film.mp4", film()) for film in (clips.plain, clips.longer, clips.unplayable)
        }
        site.wait_until_idle()
        pair = (uninterrupted["plain"], uninterrupted["longer"])
        compared = alice.compare(*pair)
        site.wait_until_idle()
        shortest = dict(site.rows(SHORTEST))
        scenario.log("uninterrupted: " + ", ".join(f"{kind} {shortest[kind]:.1f} s" for kind in STEPS))

        created: dict[str, list[str]] = {step: [] for step in STEPS}
        for step in STEPS:
            film = clips.unplayable if step == "rendition" else clips.plain
            for number in range(scenario.select(50, 1)):
                # A job that is killed at every attempt fails as designed. Waiting for retried jobs prevents that here.
                site.wait(lambda: not site.rows(RETRIED), 300)
                if step == "compare":
                    created[step].append(alice.compare(*pair))
                else:
                    created[step].append(alice.upload("film.mp4", clips.with_unique_bytes(film())))
                _kill_within(
                    scenario,
                    site,
                    step,
                    created[step][-1],
                    shortest[step],
                    wait_for_lease=scenario.whole and number < EXPIRED_LEASES,
                )
        site.wait_until_idle(600)
        _log_attempts(scenario, site)
        outcome.check_jobs(scenario, site)
        outcome.check_videos(scenario, site, uninterrupted["plain"], created["probe"] + created["ingest"])
        outcome.check_videos(scenario, site, uninterrupted["unplayable"], created["rendition"])
        outcome.check_comparisons(scenario, site, compared, created["compare"])


def _kill_within(
    scenario: Scenario, site: FaultSite, step: str, subject_id: str, shortest: float, wait_for_lease: bool
) -> None:
    """Kill the worker at a random moment of a step of its subject and start it again."""
    site.wait(lambda: site.rows(STARTED, step, subject_id), 300)
    moment = scenario.random.uniform(0, shortest * 0.9)
    time.sleep(moment)
    site.kill("worker")
    held = [kind for (kind,) in site.rows(LEASED)]
    scenario.log(f"killed the worker {moment:.1f} s into {step}; it held {', '.join(held) or 'nothing'}")
    site.start("worker")
    if not wait_for_lease:  # the worker is dead, so let its lease expire
        site.execute("UPDATE videos_job SET lease_expires_at = now() WHERE status = 'in_progress'")


def _log_attempts(scenario: Scenario, site: FaultSite) -> None:
    for kind, count, interrupted, most in site.rows(
        "SELECT kind, count(*), count(*) FILTER (WHERE attempts > 1), max(attempts) FROM videos_job GROUP BY 1"
    ):
        scenario.log(f"{kind}: {count} jobs, {interrupted} of them interrupted, at most {most} attempts")
