"""Collect the passages that a question is answered from. Only workers import this module."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from django.db.models import Q, QuerySet

from accounts.viewer import Viewer
from chat.answering.evidence import Citable, Evidence
from chat.answering.subjects import choose_videos
from chat.models import Conversation, Message
from sage.providers.protocols import ChatImage, ChatSource
from sage.storage import FileLost, storage
from videos.diff.script import wording
from videos.models import Comparison, Job, LibraryEntry, Passage, ScreenText, Video
from videos.search.languages import find_configuration
from videos.search.query_vectors import embed_query
from videos.search.ranking import merge_rankings, rank_by_text, rank_by_vector
from videos.search.registry import list_kinds
from videos.search.results import MAX_QUERY_LENGTH
from videos.transcripts.passages import Sentence, count_tokens, split_sentences
from videos.transcripts.storage import choose_transcript, load_cues

WHOLE_TOKENS = 6_000  # of transcripts that are given whole
MAX_PASSAGES = 12  # of longer ones
MAX_SCREEN_LINES = 60
MAX_DIFFERENCES = 60
MAX_WORD_DIFFERENCES = 60
MAX_FRAMES = 4
MAX_LIBRARY_VIDEOS = 6  # that a question without a video looks at
MAX_WORDS = 40  # of a question, that are searched
WORD = re.compile(r"\w+")
FRAME_SECONDS = 10.0  # between two frames, at least


@dataclass(frozen=True, slots=True)
class Topic:
    """A video that is asked about. `letter` is empty if it is the only one."""

    video: Video
    letter: str


def choose_topics(viewer: Viewer, conversation: Conversation, question: Message) -> list[Topic]:
    """Return the videos that a question is about, as the viewer may see them.

    See `choose_videos`. Each gets a letter if there are several.
    """
    videos = choose_videos(viewer, conversation, question)
    letters: Iterable[str] = ascii_uppercase if len(videos) > 1 else [""]
    return [Topic(video, letter) for video, letter in zip(videos, letters, strict=False)]


def choose_from_library(viewer: Viewer, text: str) -> list[Topic]:
    """Return the videos of the viewer's library in which a question without a video is most likely answered."""
    if viewer.user is None:
        return []
    spoken = Passage.objects.filter(Q(owner=viewer.user) | Q(owner=None), video__in=_list_library(viewer))
    found = rank_passages(spoken, text)
    ids = list(dict.fromkeys(passage.video_id for passage in found))[:MAX_LIBRARY_VIDEOS]
    videos = {video.pk: video for video in Video.objects.visible_to(viewer).filter(pk__in=ids)}
    shown = [videos[pk] for pk in ids if pk in videos]
    letters: Iterable[str] = ascii_uppercase if len(shown) > 1 else [""]
    return [Topic(video, letter) for video, letter in zip(shown, letters, strict=False)]


def is_library_in_preparation(viewer: Viewer) -> bool:
    """Return whether a transcript in the viewer's library is being made or indexed."""
    kinds = (Job.Kind.TRANSCRIPT, Job.Kind.PASSAGES)
    return (
        viewer.user is not None and Job.objects.open().filter(kind__in=kinds, video__in=_list_library(viewer)).exists()
    )


def _list_library(viewer: Viewer) -> QuerySet[Any, Any]:
    return Video.objects.in_library_of(viewer).order_by().values("pk")


def collect_evidence(viewer: Viewer, topics: Sequence[Topic], text: str, comparison: Comparison | None) -> Evidence:
    """Return what a question with `text` is answered from.

    Transcripts that are short together are given whole. Of longer ones, the passages that fit the question best.
    """
    evidence = Evidence()
    for topic in topics:
        name = f"[{topic.letter}]" if topic.letter else "[video]"
        evidence.facts.append(ChatSource(name, f"The title of this video: {topic.video.shown_title}"))
    if comparison is not None:
        evidence.citables.extend(list_differences(comparison))
    sentences = _load_sentences(viewer, topics, text)
    for topic, lines in sentences:
        evidence.citables.extend(_cite_sentences(topic, lines))
    for topic in topics:
        evidence.citables.extend(list_screen_texts(topic))
    return evidence


def _cite_sentences(topic: Topic, sentences: Iterable[Sentence]) -> list[Citable]:
    return [
        Citable(topic.video.video_id, topic.letter, sentence.start, sentence.end, sentence.text)
        for sentence in sentences
    ]


def _load_sentences(viewer: Viewer, topics: Sequence[Topic], text: str) -> list[tuple[Topic, list[Sentence]]]:
    """Return the sentences of short transcripts, or those of the best passages of long ones."""
    whole: list[tuple[Topic, list[Sentence]]] = []
    tokens = 0
    for topic in topics:
        transcript = choose_transcript(topic.video)
        if transcript is None:
            continue
        sentences = split_sentences(load_cues(transcript))
        tokens += sum(count_tokens(sentence.text) for sentence in sentences)
        whole.append((topic, sentences))
    if tokens <= WHOLE_TOKENS:
        return whole
    found = find_passages(viewer, [topic.video for topic, _ in whole], text)
    return [
        (topic, [one for one in sentences if is_within(one, found.get(topic.video.pk, ()))])
        for topic, sentences in whole
    ]


def is_within(sentence: Sentence, passages: Iterable[Passage]) -> bool:
    """Return whether a sentence overlaps one of the passages."""
    return any(sentence.start < passage.end and sentence.end > passage.start for passage in passages)


def find_passages(viewer: Viewer, videos: Sequence[Video], text: str) -> dict[object, list[Passage]]:
    """Return the passages of videos that fit a question best, by full text and by vector, grouped by video."""
    found: dict[object, list[Passage]] = {}
    for passage in rank_passages(list_visible_passages(viewer, videos), text):
        found.setdefault(passage.video_id, []).append(passage)
    return found


def rank_passages(rows: QuerySet[Passage], text: str) -> list[Passage]:
    """Return the best passages for a question, the best first."""
    rows = rows.order_by()
    [kind] = list_kinds("transcript")
    languages: dict[str, list[str]] = {}
    for language in rows.order_by("transcript__language").values_list("transcript__language", flat=True).distinct():
        languages.setdefault(find_configuration(language), []).append(language)
    any_word = " OR ".join(word for word in WORD.findall(text)[:MAX_WORDS])
    by_text = rank_by_text(kind, rows, any_word, languages) if any_word and languages else []
    vector = embed_query(text[:MAX_QUERY_LENGTH])
    by_vector = rank_by_vector(kind, rows, vector, exact=True) if vector else {}
    matches = sorted(merge_rankings(kind, by_text, by_vector), key=lambda match: -match.score)[:MAX_PASSAGES]
    passages = rows.in_bulk([match.pk for match in matches])
    return [passages[match.pk] for match in matches if match.pk in passages]


def list_visible_passages(viewer: Viewer, videos: Sequence[Video]) -> QuerySet[Passage]:
    """Return the passages of videos that the viewer may see; their own transcript goes before a shared one."""
    ids = [video.pk for video in videos]
    if viewer.user is None:
        return Passage.objects.filter(owner=None, video__in=ids).order_by()
    replaced = LibraryEntry.objects.owned_by(viewer).active().filter(has_transcript=True).order_by().values("video")
    shared = (Q(owner=None) | Q(owner__is_system=True)) & ~Q(video__in=replaced)
    return Passage.objects.filter(Q(owner=viewer.user) | shared, video__in=ids).order_by()


def list_screen_texts(topic: Topic) -> list[Citable]:
    """Return the first lines of text on screen."""
    rows = ScreenText.objects.filter(video=topic.video).values_list("start", "end", "text")[:MAX_SCREEN_LINES]
    return [
        Citable(topic.video.video_id, topic.letter, start, end, f"Text on screen: {text}") for start, end, text in rows
    ]


def list_differences(comparison: Comparison) -> list[Citable]:
    """Return a passage for each difference of a comparison, at its time in B, or in A if B does not have it."""
    if not comparison.is_completed:
        return []
    a, b = comparison.video_a.video_id, comparison.video_b.video_id
    found = []
    differing = [segment for segment in comparison.shown_script["segments"] if segment["op"] != "equal"]
    for number, segment in enumerate(differing[:MAX_DIFFERENCES], 1):
        span, video_id, letter = (segment["b"], b, "B") if segment["b"] else (segment["a"], a, "A")
        assert span  # noqa: S101 - a difference is on one side at least
        text = f"Difference {number}: {wording.title(segment)} ({wording.times(segment)})"
        found.append(Citable(video_id, letter, span[0], span[1], text.replace("\u00a0", " ")))
    for words in (comparison.words or {"segments": []})["segments"][:MAX_WORD_DIFFERENCES]:
        span, video_id, letter = (words["b"], b, "B") if words["b"] else (words["a"], a, "A")
        text = f"Words changed: “{words['text_a']}” became “{words['text_b']}”"
        if words["op"] == "inserted":
            text = f"Words added: “{words['text_b']}”"
        elif words["op"] == "deleted":
            text = f"Words removed: “{words['text_a']}”"
        found.append(Citable(video_id, letter, span[0], span[1], text))
    return found


def load_frames(topics: Sequence[Topic], citables: Sequence[Citable]) -> list[ChatImage]:
    """Return stills of the moments that are most likely asked about, or of the whole video if nothing is said."""
    videos = {topic.video.video_id: topic.video for topic in topics if topic.video.is_ready and topic.video.stills}
    moments = [(row.video_id, row.start, row.end) for row in citables if row.video_id in videos]
    if not moments:
        moments = [
            (video_id, video.stills[place], video.stills[place] + 1)
            for video_id, video in videos.items()
            for place in range(0, len(video.stills), max(1, len(video.stills) // MAX_FRAMES))
        ]
    frames: list[ChatImage] = []
    taken: list[tuple[str, float]] = []
    for video_id, start, end in moments:
        if len(frames) == MAX_FRAMES or any(one == video_id and abs(at - start) < FRAME_SECONDS for one, at in taken):
            continue
        video = videos[video_id]
        try:
            jpeg = storage.read(video.derived_key(video.find_still(start, end)))
        except FileLost:
            continue
        taken.append((video_id, start))
        frames.append(ChatImage(jpeg, start))
    return frames
