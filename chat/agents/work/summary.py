"""Summarise videos."""

import time
from collections.abc import Iterator

from chat.agents.events import Event, NewOutput, OutputError, Progress, Text
from chat.agents.task import Subject, Task
from chat.agents.work.local import add_hint, pick_central
from sage.providers.errors import ProviderError

BREAK = "\n\n"
CHOOSE = "Choose a video first, then call @{agent} again."
NOTHING_SAID = "Nothing is said in this video."
NOT_THERE = "It has no transcript. Upload one on the page of the video, then call @{agent} again."
SENTENCES = 6  # of a summary by the local engine
RULES = (
    "Summarise the transcript of the video in 5 to 10 sentences or list items, in Markdown, in the language of the "
    "transcript unless the request names another one. After each statement, cite the passage that supports it by its "
    "label, such as [1:05] or [B 1:05]. Cite only labels that you were given."
)


def summarise_videos(task: Task) -> Iterator[Event]:
    """Write a summary of each video, with citations."""
    if not task.subjects:
        yield Text(CHOOSE.format(agent="summary"))
        return
    for place, subject in enumerate(task.subjects):
        yield Progress(f"Summarising “{subject.title}”")
        if len(task.subjects) > 1:
            yield Text(build_heading(subject, place))
        began = time.monotonic()
        content = ""
        error = None
        try:
            for piece in _write(task, subject):
                content += piece
                yield Text(piece)
        except ProviderError as failure:
            error = OutputError("PROVIDER_ERROR", str(failure))
            yield Text(str(failure))
        if subject.sentences:
            yield NewOutput(
                type="summary",
                content=content.strip(),
                is_cited=True,
                video_id=subject.video_id,
                model=task.model_name,
                seconds=time.monotonic() - began,
                error=error,
            )
    if task.is_local:
        yield Text(add_hint("write the summary in its own words and answer requests about it"))


def _write(task: Task, subject: Subject) -> Iterator[str]:
    if not subject.sentences:
        yield NOT_THERE.format(agent="summary") if subject.title in task.missing else NOTHING_SAID
    elif task.is_local:
        chosen = pick_central(task, subject.sentences, SENTENCES)
        yield "\n".join(f"- {sentence.text} {subject.cite(sentence).label}" for sentence in chosen)
    else:
        request = task.question or "Summarise this video."
        yield from task.ask(RULES, request, subject.list_sources())


def build_heading(subject: Subject, place: int) -> str:
    """Return the heading of a video where an agent writes about several. `place` counts from 0."""
    return f"{BREAK if place else ''}## {subject.label}{BREAK}"
