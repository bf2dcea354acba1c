"""Check training examples: pairs of an input and an output that can be understood alone, without personal data."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chat.agents.work.sales.schema import InvalidAnswer, read_text
from chat.answering.evidence import LABEL_LIKE
from chat.personal_data.removal import remove_personal_data

MIN_EXAMPLES = 5
MAX_EXAMPLES = 10
MIN_TYPES = 2
MIN_LETTERS = 8  # of an input and of an output, without the marks of removed personal data
MAX_OVERLAP = 0.8  # of the words of two inputs, or of two outputs; more is a duplicate
MAX_NAMED_LETTERS = 60  # of an example that a model is told about
WORD = re.compile(r"\w+")
REMOVED = re.compile(r"\[[^\]]*\]")
LETTER = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Example:
    """A training example, and when what it is made from is said, in seconds."""

    input: str
    output: str
    type: str
    start: float
    end: float

    def as_pair(self) -> dict[str, str]:
        return {"input": self.input, "output": self.output}

    def as_data(self, language: str) -> dict[str, Any]:
        """Return the example with where it comes from, as it is stored."""
        metadata = {"type": self.type, "start": round(self.start, 3), "end": round(self.end, 3), "language": language}
        return {**self.as_pair(), "metadata": metadata}


def choose_examples(found: Iterable[Example], language: str, errors: list[str] | None = None) -> list[Example]:
    """Return up to `MAX_EXAMPLES` examples without personal data, empty halves and duplicates, of all types in turn.

    Why others are left out is added to `errors`.
    """
    chosen: list[Example] = []
    problems = [] if errors is None else errors
    for example in _take_turns(found):
        clean = replace(example, input=_clean(example.input, language), output=_clean(example.output, language))
        if not (_is_complete(clean.input) and _is_complete(clean.output)):
            problems.append(f"{_name(example)} has a half that is empty, or too short to be understood alone.")
        elif any(_overlaps(clean.input, one.input) or _overlaps(clean.output, one.output) for one in chosen):
            problems.append(f"{_name(example)} repeats another example.")
        else:
            chosen.append(clean)
    return chosen[:MAX_EXAMPLES]


def read_examples(value: Mapping[str, Any], spans: Mapping[str, tuple[float, float]], language: str) -> list[Example]:
    """Return the valid examples of a model's answer. Raises `InvalidAnswer` if they are too few or of one type.

    `spans` has the start and the end of the passages by their labels.
    """
    items = value.get("examples")
    if not isinstance(items, list):
        raise InvalidAnswer("“examples” must be a list.")
    errors: list[str] = []
    found = []
    for place, item in enumerate(items, 1):
        example = _read_example(item, spans) if isinstance(item, dict) else None
        if example:
            found.append(example)
        else:
            errors.append(f"Example {place} needs input, output, type, and passages with labels that you were given.")
    chosen = choose_examples(found, language, errors)
    if len(chosen) < MIN_EXAMPLES:
        raise InvalidAnswer(f"Only {len(chosen)} examples are valid. At least {MIN_EXAMPLES} are needed.", *errors)
    if len({example.type for example in chosen}) < MIN_TYPES:
        raise InvalidAnswer("All examples are of one type. Use several types.")
    return chosen


def _read_example(item: dict[str, Any], spans: Mapping[str, tuple[float, float]]) -> Example | None:
    labels = item.get("passages")
    named = [_read_label(label) for label in (labels if isinstance(labels, list) else [labels])]
    known = [spans[label] for label in named if label in spans]
    given, wanted, kind = (read_text(item.get(name)) for name in ("input", "output", "type"))
    if not (known and given and wanted and kind):
        return None
    return Example(given, wanted, kind, min(start for start, _ in known), max(end for _, end in known))


def _name(example: Example) -> str:
    return f"“{example.input[:MAX_NAMED_LETTERS]}”"


def _read_label(value: Any) -> str:
    return read_text(value).strip("[] ")


def _take_turns(found: Iterable[Example]) -> list[Example]:
    """Return the examples with their types in turn, so that none is crowded out."""
    by_type: dict[str, list[Example]] = {}
    for example in found:
        by_type.setdefault(example.type, []).append(example)
    longest = max(map(len, by_type.values()), default=0)
    return [group[turn] for turn in range(longest) for group in by_type.values() if turn < len(group)]


def _clean(text: str, language: str) -> str:
    """Return a text without personal data, and without what looks like a citation."""
    return remove_personal_data(LABEL_LIKE.sub(r"(\1)", text), language).text.strip()


def _is_complete(text: str) -> bool:
    return len(LETTER.findall(REMOVED.sub("", text))) >= MIN_LETTERS


def _overlaps(one: str, other: str) -> bool:
    """Return whether two texts have almost the same words (Jaccard)."""
    first, second = (set(WORD.findall(text.casefold())) for text in (one, other))
    return len(first & second) > MAX_OVERLAP * len(first | second)
