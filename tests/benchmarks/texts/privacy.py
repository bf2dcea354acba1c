"""Measure the removal of personal data on labelled texts, and its time."""

import time

from chat.personal_data.removal import remove_personal_data
from tests.benchmarks.texts.passages import load_passages
from tests.chat.personal_data.items import load_items
from tests.chat.personal_data.scores import PATTERN_KINDS, score_removal

CHARACTERS = 1_000_000


def report(tuning: bool) -> None:
    """Print recall and precision by kind, and the time for a text of 1 MB."""
    name = "tuning" if tuning else "reporting"
    items = load_items(name, 400 if tuning else 500, 0 if tuning else 1)
    score = score_removal(items)
    print(f"## Personal data, {len(items)} labelled texts ({name} set)\n")
    print("| kind | labelled | recall | precision |\n|---|---:|---:|---:|")
    rows = [("all patterns", PATTERN_KINDS), ("names, by rules", {"name"})]
    for label, kinds in [*rows, *((kind, {kind}) for kind in sorted(PATTERN_KINDS))]:
        count = sum(score.labelled[kind] for kind in kinds)
        print(f"| {label} | {count} | {score.recall(kinds):.3f} | {score.precision(kinds):.3f} |")
    passages = " ".join(passage.text for passage in load_passages())
    text = (passages * (CHARACTERS // len(passages) + 1))[:CHARACTERS]
    begin = time.perf_counter()
    remove_personal_data(text, "en")
    print(f"\n{CHARACTERS:,} characters of prose: {time.perf_counter() - begin:.1f} s\n")
