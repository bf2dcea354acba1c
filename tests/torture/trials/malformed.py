"""Files made to hurt: each is read or refused in a plain sentence, and takes no more than it may."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.torture import outcome
from tests.torture.malformed import Bad, files, film
from tests.torture.ordeal import READING, is_plain, most_memory, undergo
from tests.torture.trial import Trial

ENDED = "SELECT id::text, filename, status, error FROM videos_video"
OPEN = "SELECT count(*) FROM videos_job WHERE status IN ('pending', 'in_progress')"


def run(trial: Trial) -> None:
    lure = trial.folder / "lure.mov"
    lure.write_bytes(film("mov"))
    bad = list(files(trial.seed, trial.either(320, 30), lure))
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(undergo, bad))
    for each in outcomes:
        trial.check(not each.is_breach, f"{each.name}: {each.ended}: {each.words}")
    ended = Counter(each.ended for each in outcomes)
    trial.say(f"{len(bad)} files: {dict(ended)}")
    trial.check(min(ended["read"], ended["refused"]) > 2, "all came to the same end, so nothing was tried")
    slowest = max(outcomes, key=lambda each: each.seconds)
    trial.say(f"the slowest was {slowest.name}, {slowest.seconds:.1f} s; the largest took {most_memory() >> 20} MB")
    trial.check(most_memory() < READING.memory_bytes, "a decoder took more memory than it may")
    if trial.whole:
        _by_a_worker(trial, bad)


def _by_a_worker(trial: Trial, bad: list[Bad]) -> None:
    """The same files, sent to a site as a visitor would."""
    with trial.house() as house:
        alice = house.visitor()
        sent = [alice.send_whole(f"{number} {each.name}", each.data).status for number, each in enumerate(bad)]
        trial.say(f"sent: {dict(Counter(sent))}")
        answers = {200, 201, 415, 422}  # 200: the same bytes again
        trial.check(set(sent) <= answers, f"an upload was answered with {set(sent)}")
        house.settle_down(1800)
        trial.check(house.value(OPEN) == 0, "a job is left open")
        rows = house.rows(ENDED)
        trial.check(len(rows) == sent.count(201), f"{len(rows)} videos came of {sent.count(201)} uploads")
        for _, name, status, error in rows:
            ended = status == "ready" or (status == "failed" and is_plain(error))
            trial.check(ended, f"{name} is {status}: {error}")
        outcome.check_leftovers(trial, house)
