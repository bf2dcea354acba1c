"""Score the removal of personal data on labelled texts."""

from collections import Counter
from dataclasses import dataclass, field

from chat.personal_data.kinds import PersonalKind
from chat.personal_data.removal import remove_personal_data
from tests.chat.personal_data.items import LabelledText


@dataclass
class RemovalScore:
    """Counts by kind, and the texts where something was missed or removed without need."""

    labelled: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    reported: Counter[str] = field(default_factory=Counter)
    correct: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    needless: list[str] = field(default_factory=list)

    def recall(self, kinds: set[str]) -> float:
        return sum(self.removed[kind] for kind in kinds) / sum(self.labelled[kind] for kind in kinds)

    def precision(self, kinds: set[str]) -> float:
        return sum(self.correct[kind] for kind in kinds) / sum(self.reported[kind] for kind in kinds)


PATTERN_KINDS = {str(kind) for kind in PersonalKind} - {"name"}


def score_removal(items: list[LabelledText]) -> RemovalScore:
    """Return the score of `items`. A label counts as removed if none of its letters and digits is left.

    A finding is correct if it overlaps a label: the kind may differ, because the data is gone either way.
    """
    score = RemovalScore()
    for item in items:
        found = remove_personal_data(item.text).found
        gone = {place for finding in found for place in range(finding.start, finding.end)}
        for kind, start, end in item.truth:
            score.labelled[kind] += 1
            if all(place in gone for place in range(start, end) if item.text[place].isalnum()):
                score.removed[kind] += 1
            else:
                score.missed.append(f"{kind} {item.text[start:end]!r} in {item.text!r}")
        for finding in found:
            score.reported[finding.kind] += 1
            if any(finding.start < end and start < finding.end for _, start, end in item.truth):
                score.correct[finding.kind] += 1
            else:
                score.needless.append(f"{finding.kind} {item.text[finding.start : finding.end]!r} in {item.text!r}")
    return score
