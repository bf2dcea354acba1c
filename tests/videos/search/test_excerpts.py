"""The part of a text around the words that match."""

import pytest

from videos.search.excerpts import clean_text, cut_excerpt, find_focus, find_marks, merge_ranges

pytestmark = pytest.mark.django_db


def marked(text, query, *configurations):
    [ranges] = find_marks([(text, configurations or ("english",))], query)
    return [text[start:end] for start, end in ranges]


def test_words_are_marked_in_all_their_forms():
    assert marked("Bridges, bridge-builders and a Bridge.", "bridge") == ["Bridges", "bridge", "Bridge"]


def test_several_configurations_mark_together():
    assert marked("Brücken and bridges", "Brücke OR bridge", "german", "english") == ["Brücken", "bridges"]


@pytest.mark.parametrize(
    "text", ["a <b>bridge</b> & more", "http://example.org/bridge bridge", "💡 bridge", "bridge's"]
)
def test_marks_are_positions_in_the_unchanged_text(text):
    assert "bridge" in [word.removesuffix("'s") for word in marked(text, "bridge")]


def test_delimiters_in_a_text_are_removed():
    assert clean_text("a\ue000 b\ue001\n c\x00") == "a b c"


def test_overlapping_ranges_become_one():
    assert merge_ranges({(4, 9), (0, 3), (6, 12)}) == [(0, 3), (4, 12)]


def test_the_largest_group_of_marks_is_shown():
    assert find_focus([(0, 5), (500, 505), (510, 515)]) == [(500, 505), (510, 515)]


@pytest.mark.parametrize("position", [0, 3, 150, 400, 790, 799])
def test_an_excerpt_has_the_marks_at_their_new_positions(position):
    text = "word " * 160
    text = (text[:position] + "BRIDGE" + text[position + 6 :]).strip()

    excerpt = cut_excerpt(text, [(position, position + 6)])

    assert len(excerpt.text) <= 202
    assert [excerpt.text[start:end] for start, end in excerpt.marks] == ["BRIDGE"]
