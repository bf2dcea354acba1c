"""Describe what is seen and said in videos."""

import time
from collections.abc import Iterator
from typing import Any

from chat.agents.events import Event, NewOutput, OutputError, Progress, StoredOutput, Text
from chat.agents.task import Subject, Task
from chat.agents.work.chapters import find_chapters
from chat.agents.work.local import add_hint, pick_central
from chat.agents.work.summary import BREAK, CHOOSE, build_heading
from sage.durations import format_timestamp
from sage.providers.errors import ProviderError

RULES = (
    "Analyse a video for a person who has not seen it. Write Markdown with the headings “### Overview”, “### What is "
    "seen”, “### What is said” and “### Notable moments”. Describe only what the pictures and the passages show. After "
    "each statement about what is said, cite the passage by its label, such as [1:05]. Cite only labels that you were "
    "given. If the request asks something in particular, answer it first. Write in the language of the request."
)
SENTENCES = 6  # that the local engine quotes
SCREEN_LINES = 12
REUSED = "*This analysis is stored: the same video, model and question. Answer again to make a new one.*\n\n"


def analyse_videos(task: Task) -> Iterator[Event]:
    """Write an analysis of each video, and store each as soon as it is written."""
    if not task.subjects:
        yield Text(CHOOSE.format(agent="analysis"))
        return
    for place, subject in enumerate(task.subjects):
        yield Progress(f"Analysing “{subject.title}”")
        if len(task.subjects) > 1:
            yield Text(build_heading(subject, place))
        if stored := task.stored.get(subject.video_id):
            yield Text(REUSED + stored.content)
            yield StoredOutput(stored.output_id)
        else:
            yield from _analyse(task, subject)
    if task.is_local:
        yield Text(add_hint("look at the pictures, describe what is seen and answer questions about it"))


def _analyse(task: Task, subject: Subject) -> Iterator[Event]:
    began = time.monotonic()
    content, error = "", None
    try:
        for piece in _describe(task, subject) if task.is_local else _ask(task, subject):
            content += piece
            yield Text(piece)
    except ProviderError as failure:
        error = OutputError("PROVIDER_ERROR", str(failure))
        yield Text(f"{BREAK if content else ''}{failure}")
    yield NewOutput(
        type="analysis",
        content=content.strip(),
        is_cited=True,
        data=_list_facts(subject),
        video_id=subject.video_id,
        model=task.model_name,
        seconds=time.monotonic() - began,
        looked_seconds=subject.duration if subject.images else 0.0,
        error=error,
    )


def _ask(task: Task, subject: Subject) -> Iterator[str]:
    return task.ask(RULES, task.question or "Analyse this video.", subject.list_sources(), subject.images)


def _describe(task: Task, subject: Subject) -> Iterator[str]:
    """Yield what stored data tell: shots, text on screen, what is said, and chapters."""
    facts = _list_facts(subject)
    length = f"It lasts {format_timestamp(subject.duration)}" if subject.duration else "Its length is not known"
    cuts = f" and has {facts['shots']} shots" if facts["shots"] > 1 else ""
    yield f"### Overview\n\n“{subject.title}”. {length}{cuts}."
    yield "\n\n### What is seen\n\n"
    if lines := subject.screen_lines[:SCREEN_LINES]:
        yield "\n".join(f"- {line.text} {line.label}" for line in lines)
    else:
        yield "No text was found on screen." if subject.shots else "The pictures were not looked at."
    yield "\n\n### What is said\n\n"
    if not subject.sentences:
        yield "There is no transcript." if subject.title in task.missing else "Nothing is said."
        return
    chosen = pick_central(task, subject.sentences, SENTENCES)
    yield "\n".join(f"- {sentence.text} {subject.cite(sentence).label}" for sentence in chosen)
    chapters = find_chapters(task, subject)
    if len(chapters) > 1:
        rows = "\n".join(f"- `{format_timestamp(start)}` {title}" for start, title in chapters)
        yield f"\n\n### Chapters\n\n{rows}"


def _list_facts(subject: Subject) -> dict[str, Any]:
    return {
        "duration": subject.duration,
        "shots": len(subject.shots),
        "language": subject.language,
        "screen_texts": len(subject.screen_lines),
        "sentences": len(subject.sentences),
        "frames_seen": len(subject.images),
    }
