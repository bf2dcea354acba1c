"""Compare the words of two videos, store the result with their comparison, and describe it for pages."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.http import urlencode

from videos.models import Comparison, Transcript, Video
from videos.transcripts.cues import TimedText
from videos.transcripts.storage import choose_transcript
from videos.transcripts.words_diff import SpokenWord, WordsComparison, WordsSegment, compare_words, list_words

MAX_ROWS = 500  # of the list on a page


@dataclass(frozen=True, slots=True)
class WordsRow:
    """A difference of words for a template. `seconds` is where B has it, or where A has it if B does not."""

    op: str
    label: str
    text_a: str
    text_b: str
    a: list[float] | None
    b: list[float] | None
    href: str


LABELS = {"changed": "Words changed", "inserted": "Words added", "deleted": "Words removed"}


Sides = tuple[list[SpokenWord], list[SpokenWord]]


def load_words(a: Video, b: Video) -> Sides | None:
    """Return the words of the preferred transcripts of two videos. None if there are none.

    If these are in different languages, a language that both videos have is used.
    """
    first, second = choose_transcript(a), choose_transcript(b)
    if first is None or second is None:
        return None
    if first.language and second.language and first.language != second.language:
        languages = [row.language for row in a.transcripts.all()]
        common = next((language for language in languages if language and choose_transcript(b, language)), "")
        first, second = choose_transcript(a, common) or first, choose_transcript(b, common) or second
    words = list_words(_load_timed_words(first)), list_words(_load_timed_words(second))
    return words if words[0] or words[1] else None


def compare_transcripts(a: Video, b: Video) -> WordsComparison | None:
    """Compare the words of two videos. None if one has no transcript."""
    sides = load_words(a, b)
    return compare_words(*sides) if sides else None


def load_pairs(video: Video) -> list[tuple[Comparison, Sides | None]]:
    """Return the comparisons of a video whose transcript has changed, with the words of both sides."""
    rows = Comparison.all_objects.filter(pk__in=Comparison.objects.involving(video).values("pk"))
    comparisons = rows.select_related("video_a", "video_b").defer("script", "words")
    return [(row, load_words(row.video_a, row.video_b)) for row in comparisons]


def forget_words(video: Video) -> None:
    """Remove the words of a video from its comparisons."""
    rows = Comparison.all_objects.filter(Q(video_a=video) | Q(video_b=video))
    rows.update(words=None)


def store_words(comparison: Comparison, words: WordsComparison | None) -> None:
    Comparison.all_objects.filter(pk=comparison.pk).update(words=words)


def list_rows(comparison: Comparison) -> list[WordsRow] | None:
    """Return the first `MAX_ROWS` differences of words. None if they were not compared."""
    if comparison.words is None:
        return None
    return [
        WordsRow(
            segment["op"],
            LABELS[segment["op"]],
            segment["text_a"],
            segment["text_b"],
            segment["a"],
            segment["b"],
            "?" + urlencode(_build_link(segment)),
        )
        for segment in comparison.words["segments"][:MAX_ROWS]
    ]


def _build_link(segment: WordsSegment) -> dict[str, str]:
    if segment["b"]:
        return {"t": f"{segment['b'][0]:.3f}", "panel": "words"}
    assert segment["a"]  # noqa: S101  one side has words
    return {"t": f"{segment['a'][0]:.3f}", "side": "a", "panel": "words"}


def _load_timed_words(transcript: Transcript) -> list[TimedText]:
    rows = transcript.cues.values_list("start", "end", "text", "words")
    return [TimedText(start, end, text, tuple(map(tuple, words))) for start, end, text, words in rows]
