import time

import pytest

from chat.personal_data.identifiers import is_iban_valid
from chat.personal_data.kinds import PersonalKind
from chat.personal_data.numbers import is_luhn_valid
from chat.personal_data.removal import remove_personal_data
from tests.chat.personal_data.items import load_items
from tests.chat.personal_data.scores import PATTERN_KINDS, score_removal

LONG = 100_000  # characters of a text made to be slow
SECONDS = 30  # far above the linear time on a loaded machine, far below a quadratic one


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("Write to john dot smith at gmail dot com.", "Write to [EMAIL]."),
        ("a\u200bnna＠gmail．com", "[EMAIL]"),
        ("call five five five one two three four", "call [PHONE]"),
        ("plus four nine one five one two three four five six seven", "[PHONE]"),
        ("١٢٣ ٤٥٦ ٧٨٩٠", "[PHONE]"),
        ("card 4111 1111 1111 1111", "card [CARD]"),
        ("DE89 3704 0044 0532 0130 00", "[IBAN]"),
        ("my social is 078-05-1120", "my social is [ID]"),
        ("I live at 42 Baker Street, London NW1 6XE.", "I live at [ADDRESS]."),
        ("Ich wohne in der Hauptstraße 12, 10115 Berlin. Danke", "Ich wohne in der [ADDRESS]. Danke"),
        ("12 rue de la Paix, 75002 Paris", "[ADDRESS]"),
        ("Calle Mayor 5, 28013 Madrid", "[ADDRESS]"),
        ("my name is john smith and i sell cars", "my name is [NAME] and i sell cars"),
        ("Hi Anna, thanks Raj.", "Hi [NAME], thanks [NAME]."),
        ("меня зовут Иван Петров", "меня зовут [NAME]"),
        ("我叫王小明。", "我叫[NAME]。"),
    ],
)
def test_it_replaces_personal_data_by_placeholders(text: str, redacted: str) -> None:
    assert remove_personal_data(text).text == redacted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Will you look at the May numbers?",
        "We sold 1,234,567 units for 59.99 dollars each.",
        "one two three four five six seven eight nine ten",
        "Look at example.com at 00:12:34 on 2024-01-15.",
        "Das kostet 10000 Euro im Jahr.",
    ],
)
def test_it_leaves_other_texts_as_they_are(text: str) -> None:
    redaction = remove_personal_data(text)
    assert redaction.text == text and redaction.found == ()


def test_intervals_are_those_of_the_input() -> None:
    text = "x\u200b １２３ a\u200bnna＠gmail．com, 4111 1111 1111 1111"
    found = remove_personal_data(text).found
    assert [(finding.kind, text[finding.start : finding.end]) for finding in found] == [
        (PersonalKind.EMAIL, "a\u200bnna＠gmail．com"),
        (PersonalKind.CARD, "4111 1111 1111 1111"),
    ]


def test_a_redacted_text_stays_as_it_is() -> None:
    once = remove_personal_data(
        "My name is Anna Kowalska, write to anna at gmail dot com or call +48 601 234 567."
    ).text
    assert remove_personal_data(once).text == once


def test_a_wrong_check_digit_makes_no_card_or_iban() -> None:
    assert is_luhn_valid("4111111111111111") and not is_luhn_valid("4111111111111112")
    assert is_iban_valid("DE89370400440532013000") and not is_iban_valid("DE89370400440532013001")


def test_a_surname_is_removed_wherever_it_stands() -> None:
    assert "Kowalska" not in remove_personal_data("Anna Kowalska called. Later the Kowalska account grew.").text


def test_patterns_find_98_percent_of_the_reporting_set() -> None:
    score = score_removal(load_items("reporting", generated=500, seed=1))
    assert score.recall(PATTERN_KINDS) >= 0.98, score.missed
    assert score.precision(PATTERN_KINDS) >= 0.98, score.needless


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "a@",
        "4 ",
        "1-",
        "one ",
        "1 street ",
        "a at b dot c ",
        "Anna ",
        "Ab-",
        "DE12 ",
        "my name is ",
        "(( ",
        "\u200b",
        "1 rue de ",
    ],
)
def test_a_text_made_to_be_slow_takes_linear_time(unit: str) -> None:
    begin = time.process_time()
    remove_personal_data((unit * LONG)[:LONG])
    assert time.process_time() - begin < SECONDS
