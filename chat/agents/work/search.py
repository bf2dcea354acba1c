"""Find the moments that answer a question."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from accounts.viewer import Viewer
from chat.agents.events import Event, Part, Progress, Text
from chat.agents.task import Task
from chat.agents.work.local import score_sentences
from chat.answering import sources
from chat.answering.evidence import Citable
from chat.answering.sources import is_within
from chat.answering.subjects import find_videos
from videos.transcripts.passages import split_sentences
from videos.transcripts.storage import choose_transcript, load_cues

ASK = "Write what to look for after @search, for example “@search the opening hours”."
NOTHING_FOUND = "No moment was found for this. Try other words."
MAX_MOMENTS = 8
# Cosine plus share of words. With WordLlama, 256 dimensions, sentences about the question reach 0.3 and more.
MIN_SCORE = 0.28
MIN_SHARE_OF_BEST = 0.55
LEAD_SECONDS = 0.5  # that a clip begins before its sentence
MIN_CLIP_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence, or a line of text on screen, of a video that may be a moment."""

    citable: Citable
    title: str


def list_candidates(task: Task, viewer: Viewer) -> list[Candidate]:
    """Return the sentences of the passages that fit the question best, in the chosen videos or in the library."""
    if not task.question:
        return []
    return _list_of_chosen(task, viewer) if task.subjects else _list_of_library(task, viewer)


def _list_of_chosen(task: Task, viewer: Viewer) -> list[Candidate]:
    """Return those of the chosen videos, with their lines of text on screen.

    All sentences are returned while passages are not indexed, and of videos in which no passage fits.
    """
    videos = find_videos(viewer, [subject.video_id for subject in task.subjects])
    passages = sources.find_passages(viewer, videos, task.question)
    spans = {video.video_id: passages.get(video.pk, []) for video in videos}
    found: list[Candidate] = []
    for subject in task.subjects:
        near = spans.get(subject.video_id)
        chosen = [one for one in subject.sentences if is_within(one, near)] if near else subject.sentences
        spoken = [subject.cite(one) for one in chosen]
        found += [Candidate(citable, subject.title) for citable in (*spoken, *subject.screen_lines)]
    return found


def _list_of_library(task: Task, viewer: Viewer) -> list[Candidate]:
    """Return those of the videos of the library that fit the question best. They can be cited."""
    topics = sources.choose_from_library(viewer, task.question)
    passages = sources.find_passages(viewer, [topic.video for topic in topics], task.question)
    found: list[Candidate] = []
    for topic in topics:
        transcript = choose_transcript(topic.video)
        for sentence in split_sentences(load_cues(transcript)) if transcript else ():
            if is_within(sentence, passages.get(topic.video.pk, ())):
                citable = Citable(topic.video.video_id, topic.letter, sentence.start, sentence.end, sentence.text)
                found.append(Candidate(citable, topic.video.shown_title))
    task.found.extend(candidate.citable for candidate in found)
    return found


def find_moments(task: Task) -> Iterator[Event]:
    """List the best moments, each as a clip that plays from its start."""
    if not task.question:
        yield Text(ASK)
        return
    yield Progress("Searching")
    moments = choose_moments(task, task.material)
    if not moments:
        yield Text(NOTHING_FOUND)
        return
    results = [
        {
            "video_id": moment.citable.video_id,
            "title": moment.title,
            "start": round(max(0.0, moment.citable.start - LEAD_SECONDS), 3),
            "end": round(max(moment.citable.end, moment.citable.start + MIN_CLIP_SECONDS), 3),
            "text": moment.citable.text,
        }
        for moment in moments
    ]
    yield Text("1 moment was found:" if len(moments) == 1 else f"{len(moments)} moments were found:")
    for moment in moments:
        yield Text(f"\n- {moment.citable.text} {moment.citable.label}")
    yield Part({"type": "search_results", "results": results})
    yield Part({"type": "video", **{key: results[0][key] for key in ("video_id", "start", "end")}})


def choose_moments(task: Task, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates that fit the question, the best first, at most `MAX_MOMENTS`."""
    if not candidates:
        return []
    scores = score_sentences(task, task.question, [candidate.citable.text for candidate in candidates])
    floor = max(MIN_SCORE, MIN_SHARE_OF_BEST * float(scores.max()))
    order = [int(index) for index in np.argsort(-scores, kind="stable") if scores[index] >= floor]
    return [candidates[index] for index in order[:MAX_MOMENTS]]
