"""Labelled sentences with personal data: {kind:value} in a line marks what has to be removed."""

import random
import re
from dataclasses import dataclass
from pathlib import Path

MARK = re.compile(r"\{(email|card|iban|id|phone|address|name):([^{}]*)\}")
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class LabelledText:
    """A text, and the kind, start and end of each piece of personal data in it."""

    text: str
    truth: tuple[tuple[str, int, int], ...]


def read_line(line: str) -> LabelledText:
    """Return the text of a marked line, with the intervals of its marks."""
    text, truth, end = "", [], 0
    for match in MARK.finditer(line):
        text += line[end : match.start()]
        truth.append((match.group(1), len(text), len(text) + len(match.group(2))))
        text += match.group(2)
        end = match.end()
    return LabelledText(text + line[end:], tuple(truth))


def load_items(name: str, generated: int, seed: int) -> list[LabelledText]:
    """Return the items of the file `name`: its lines, and `generated` more from its templates and values.

    Lines before `[templates]` are written by hand. Below it, `<kind>` in a template is replaced by a line of the
    section `[kind]`, whose digits `#` are drawn; cards and IBANs get their check digits.
    """
    sections: dict[str, list[str]] = {"lines": []}
    current = sections["lines"]
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if re.fullmatch(r"\[\w+\]", line):
            current = sections.setdefault(line[1:-1], [])
        elif line and not line.startswith("//"):
            current.append(line)
    draw = random.Random(seed)
    lines = [*sections["lines"]]
    for _ in range(generated):
        template = draw.choice(sections["templates"])
        lines.append(re.sub(r"<(\w+)>", lambda kind: _draw_value(sections, kind.group(1), draw), template))
    return [read_line(line) for line in lines]


def _draw_value(sections: dict[str, list[str]], kind: str, draw: random.Random) -> str:
    value = re.sub("#", lambda _: str(draw.randrange(10)), draw.choice(sections[kind]))
    if kind == "card":
        value = _set_luhn_digit(value)
    if kind == "iban":
        value = _set_iban_digits(value)
    return f"{{{kind}:{_disguise(value, draw) if kind == 'card' else value}}}"


def _set_luhn_digit(card: str) -> str:
    digits = [int(digit) for digit in card if digit.isdigit()]
    total = sum(digits[-3::-2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return card[:-1] + str(-total % 10)


def _set_iban_digits(iban: str) -> str:
    plain = re.sub(r"[^\w?]", "", iban)
    number = "".join(str(int(character, 36)) for character in plain[4:] + plain[:2] + "00")
    check = f"{98 - int(number) % 97:02}"
    place = iban.index("??")
    return iban[:place] + check + iban[place + 2 :]


def _disguise(value: str, draw: random.Random) -> str:
    way = draw.randrange(6)
    if way == 0:
        return value.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
    if way == 1:
        return value.translate({ord("0") + digit: 0x0660 + digit for digit in range(10)})
    if way == 2:
        return " ".join(character for character in value if character.isdigit())
    if way == 3:
        return "\u200b".join(value)
    return value
