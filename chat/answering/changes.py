"""Say what changed between two videos, in words and without a model."""

import re
from collections.abc import Generator, Sequence

from chat.answering.evidence import Citable

WORD = re.compile(r"\w+")
ASKED_FOR_CHANGES = re.compile(r"\b(change[sd]?|changing|differ\w*|new|added|removed|deleted|moved)\b", re.IGNORECASE)
GENERAL = frozenset(
    WORD.findall(
        "a added all am and any are b be been between both can change changed changes compare compared comparison "
        "deleted describe did differ differed difference differences different do does edit edits everything for from "
        "give happened has have how in is it list me moved new of old other please removed say show since summarise "
        "summarize tell than that the their them these they this to two version versions video videos was were what "
        "whats where which with"
    )
)
NOTHING = "Both videos are the same: no difference was found."
LEAD = {1: "1 difference was found:"}
MAX_LISTED = 40


def asks_for_changes(question: str) -> bool:
    """Return whether a question asks what changed in general, such as "What changed?"."""
    words = {word.lower() for word in WORD.findall(question.replace("’s", "").replace("'s", ""))}
    return bool(ASKED_FOR_CHANGES.search(question)) and words <= GENERAL


def describe_changes(differences: Sequence[Citable]) -> Generator[str, None, None]:
    """Yield an answer that lists the differences, each with its citation."""
    if not differences:
        yield NOTHING
        return
    yield LEAD.get(len(differences), f"{len(differences)} differences were found:")
    for difference in differences[:MAX_LISTED]:
        text = re.sub(r"^Difference \d+: ", "", difference.text)
        yield f"\n- {text} {difference.label}"
    if len(differences) > MAX_LISTED:
        yield f"\n\nThe list on the page of the comparison has the other {len(differences) - MAX_LISTED}."
