"""Divide videos into chapters."""

import re
import time
from collections.abc import Iterator

from chat.agents.events import Event, NewOutput, OutputError, Progress, Text
from chat.agents.task import Subject, Task
from chat.agents.work.local import add_hint
from chat.agents.work.summary import CHOOSE, NOT_THERE, NOTHING_SAID, build_heading
from sage.durations import format_timestamp
from sage.providers.errors import ProviderError
from videos.transcripts import topics
from videos.transcripts.passages import Sentence

RULES = (
    "Divide the transcript of the video into 3 to 15 chapters by topic. Write one line for each chapter and nothing "
    "else: the label of the passage with which it begins, such as [1:05], and a title of 2 to 8 words in the language "
    "of the transcript."
)
LINE = re.compile(r"^[\s*#.\d-]*?\[?(?:[A-T]\s+)?(\d{1,3}(?::\d{2}){1,2})\]?[\s:–—-]+(\S.*)$", re.MULTILINE)
MAX_TITLE_LETTERS = 200
MAX_CHAPTERS = 50

Chapters = list[tuple[float, str]]


def divide_videos(task: Task) -> Iterator[Event]:
    """Write the chapters of each video. Those that a person saved are shown as they are."""
    if not task.subjects:
        yield Text(CHOOSE.format(agent="chapters"))
        return
    for place, subject in enumerate(task.subjects):
        yield Progress(f"Dividing “{subject.title}” into chapters")
        if len(task.subjects) > 1:
            yield Text(build_heading(subject, place))
        yield from _divide(task, subject)
    if task.is_local:
        yield Text(add_hint("name the chapters in its own words"))


def _divide(task: Task, subject: Subject) -> Iterator[Event]:
    if not subject.sentences:
        yield Text(NOT_THERE.format(agent="chapters") if subject.title in task.missing else NOTHING_SAID)
        return
    began = time.monotonic()
    try:
        chapters = find_chapters(task, subject)
    except ProviderError as failure:
        error = OutputError("PROVIDER_ERROR", str(failure))
        yield Text(str(failure))
        yield NewOutput(type="chapters", video_id=subject.video_id, model=task.model_name, error=error)
        return
    lines = "\n".join(f"- {_label(subject, start)} {title}" for start, title in chapters)
    yield Text(lines)
    yield NewOutput(
        type="chapters",
        content=lines,
        is_cited=True,
        data={"chapters": [{"start": start, "title": title} for start, title in chapters]},
        video_id=subject.video_id,
        model=task.model_name,
        seconds=time.monotonic() - began,
    )


def find_chapters(task: Task, subject: Subject) -> Chapters:
    """Return the start and title of each chapter: a model's, else the stored ones, else by the topics of sentences."""
    if not task.is_local:
        answer = "".join(task.ask(RULES, task.question or "Divide this video into chapters.", subject.list_sources()))
        if chapters := parse_chapters(answer, subject.duration):
            return chapters
    if subject.chapters:
        return list(subject.chapters)
    vectors = task.embed([sentence.text for sentence in subject.sentences])
    return topics.find_chapters(subject.sentences, vectors) or [(0.0, subject.title[:MAX_TITLE_LETTERS])]


def parse_chapters(text: str, duration: float) -> Chapters:
    """Return the chapters of a model's answer, sorted by time. Lines without a time within the video are dropped."""
    found: dict[float, str] = {}
    for time_text, title in LINE.findall(text):
        seconds = 0.0
        for part in time_text.split(":"):
            seconds = seconds * 60 + int(part)
        if not duration or seconds < duration:
            found.setdefault(seconds, title.strip(" *_`")[:MAX_TITLE_LETTERS])
    return sorted((start, title) for start, title in found.items() if title)[:MAX_CHAPTERS]


def _label(subject: Subject, start: float) -> str:
    """Return the citation of the sentence with which a chapter begins."""
    first: Sentence | None = next((one for one in subject.sentences if one.end > start), None)
    return subject.cite(first).label if first else f"`{format_timestamp(start)}`"
