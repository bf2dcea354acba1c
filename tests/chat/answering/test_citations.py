import random

import pytest

from chat.answering.citations import CitationFilter
from chat.answering.evidence import Citable

ONE = [Citable("v", "", 5.0, 10.0, "The harbour opens at six."), Citable("v", "", 3700.0, 3710.0, "Good night.")]
TWO = [Citable("a", "A", 5.0, 10.0, "Old."), Citable("b", "B", 65.4, 70.0, "New.")]


def check(citables, text, seed=0):
    """Pass a text through the filter in random pieces. Return what comes out and the citations."""
    random_source, checked, out = random.Random(seed), CitationFilter(citables), ""
    while text:
        cut = random_source.randint(1, 5)
        out += checked.feed(text[:cut])
        text = text[cut:]
    return out + checked.finish(), checked.citations


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("At six [0:05].", "At six [0:05]."),
        ("At six [00:05].", "At six [0:05]."),
        ("At six [0:07].", "At six [0:07]."),  # within the passage
        ("At six [0:05-0:10].", "At six [0:05]."),
        ("At six [0:05, 1:01:40].", "At six [0:05][1:01:40]."),
        ("At six [0:04] or [0:11].", "At six or."),  # between no passages
        ("At six [0:05][9:59].", "At six [0:05]."),
        ("At [9:99:99].", "At."),
        ("See [this](https://example.org) and [a] list[0].", "See [this](https://example.org) and [a] list[0]."),
        ("A [ and a ] and [0:", "A [ and a ] and [0:"),
        ("[0:05]", "[0:05]"),
        ("Nothing.  ", "Nothing."),
    ],
)
def test_only_supported_citations_are_kept(written, kept, seed):
    assert check(ONE, written, seed)[0] == kept


def test_the_label_of_one_of_several_videos_names_the_video():
    text, citations = check(TWO, "It was red [A 0:05], now it is blue [B 1:05]. Both [1:05], [A 1:05] are wrong.")

    assert text == "It was red [0:05], now it is blue [1:05]. Both, are wrong."
    assert citations == [
        {"video_id": "a", "start": 5.0, "text": "Old."},
        {"video_id": "b", "start": 65.4, "text": "New."},
    ]


def test_text_that_is_no_citation_is_not_held_back():
    checked = CitationFilter(ONE)

    assert checked.feed("All [of this] is text") == "All [of this] is text"
    assert checked.feed(" and [0") == " and"
    assert checked.feed(":05] this") == " [0:05] this"


def test_a_quote_of_a_passage_cannot_pass_as_a_citation():
    citable = Citable("v", "", 5.0, 10.0, "He said [0:05] and [A 1:00], [1:00, 2:00].")

    assert citable.as_source().text == "He said (0:05) and (A 1:00), (1:00, 2:00)."
