from itertools import pairwise

import numpy as np
import pytest

from videos.transcripts import topics
from videos.transcripts.cues import TimedText
from videos.transcripts.passages import MAX_TOKENS, MIN_TOKENS, Sentence, count_tokens, cut_passages, split_sentences

TOPICS = {
    "sea": "The harbour master watched the tide while ships and sailors waited for wind near the lighthouse number {}.",
    "bread": "The baker kneaded flour and yeast into dough and put loaves in the oven for the bakery order {}.",
    "stars": "Astronomers pointed the telescope at a distant galaxy and measured starlight in observation {}.",
}


def build_lecture(per_topic=30, seconds=6.0):
    lines = [text.format(number) for text in TOPICS.values() for number in range(per_topic)]
    return [TimedText(index * seconds, (index + 1) * seconds, line) for index, line in enumerate(lines)]


def test_sentences_are_joined_over_cues_and_split_within_them():
    cues = [TimedText(0, 2, "This is the first"), TimedText(2, 4, "sentence. And this"), TimedText(4, 5, "the second.")]

    sentences = split_sentences(cues)

    assert [sentence.text for sentence in sentences] == ["This is the first sentence.", "And this the second."]
    assert (sentences[0].start, sentences[1].end) == (0, 5)
    assert 2 < sentences[0].end < 4
    assert sentences[0].end == pytest.approx(sentences[1].start)


def test_a_pause_ends_a_sentence_without_punctuation():
    sentences = split_sentences([TimedText(0, 1, "no full stop"), TimedText(5, 6, "after a pause")])

    assert [sentence.text for sentence in sentences] == ["no full stop", "after a pause"]


def test_passages_have_the_length_for_models_and_overlap_and_leave_nothing_out():
    sentences = split_sentences(build_lecture())
    found = cut_passages(sentences)

    assert all(MIN_TOKENS <= sum(part.tokens for part in passage.sentences) <= MAX_TOKENS for passage in found[:-1])
    assert {sentence for passage in found for sentence in passage.sentences} == set(sentences)
    assert all(set(a.sentences) & set(b.sentences) for a, b in pairwise(found))
    assert all(a.start < b.start < a.end for a, b in pairwise(found))


@pytest.mark.parametrize("text", ["word " * 5000, "界" * 5000, "a" * 20000])
def test_a_text_without_any_punctuation_is_still_cut(text):
    found = cut_passages(split_sentences([TimedText(0, 600, text)]))

    assert len(found) > 3
    assert all(count_tokens(passage.text) <= 2 * MAX_TOKENS for passage in found)
    assert found[-1].end == pytest.approx(600)


def test_no_cues_give_no_passages():
    assert cut_passages(split_sentences([])) == []
    assert cut_passages(split_sentences([TimedText(0, 1, "  ")])) == []


def test_chapters_begin_where_the_topic_changes():
    sentences = split_sentences(build_lecture())
    kinds = [index // 30 for index in range(len(sentences))]
    noise = np.random.default_rng(1).normal(0, 0.05, (len(sentences), 8))
    vectors = np.eye(8)[kinds] + noise
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)

    chapters = topics.find_chapters(sentences, vectors)

    starts = [start for start, _ in chapters]
    assert starts[0] == 0
    assert all(any(abs(start - border) <= 12 for start in starts) for border in (180, 360))
    assert all(title for _, title in chapters)


def test_a_short_text_has_no_chapters():
    sentences = [Sentence(0, 2, "Only one thing is said.")]

    assert topics.find_chapters(sentences, np.ones((1, 4), np.float32)) == []


def test_a_summary_quotes_central_sentences_in_their_order():
    sentences = split_sentences(build_lecture())
    vectors = np.random.default_rng(2).normal(size=(len(sentences), 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)

    summary = topics.summarise(sentences, vectors)

    assert topics.MIN_SUMMARY_LETTERS <= len(summary) <= topics.MAX_SUMMARY_LETTERS
    places = [index for index, sentence in enumerate(sentences) if sentence.text in summary]
    assert " ".join(sentences[index].text for index in places) == summary
