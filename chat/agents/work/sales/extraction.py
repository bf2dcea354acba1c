"""Make the four parts of each video in order. Each is stored when it is ready, and one that fails leaves the others."""

import time
from collections.abc import Generator, Iterator, Sequence

from chat.agents.events import Event, NewOutput, OutputError, Progress, Text
from chat.agents.task import Subject, Task
from chat.agents.work.local import add_hint
from chat.agents.work.sales import local
from chat.agents.work.sales.document import HEADINGS, write_failed_part, write_part
from chat.agents.work.sales.examples import Example
from chat.agents.work.sales.findings import Findings, find_language, find_sales_talk
from chat.agents.work.sales.hosted import HostedMaker
from chat.agents.work.sales.part import Made, PartFailed
from chat.agents.work.sales.schema import write_json
from chat.agents.work.summary import BREAK, CHOOSE, NOT_THERE
from sage.providers.errors import ProviderError

NAME = "sales_prompt_extractor"
MIN_TOKENS = 30  # of a transcript: about 25 words of English
TOO_SHORT = "The transcript is too short for this part: it has {words}, and about 25 are needed. Choose a longer one."
HINT = (
    "follow your request, find techniques without typical words, judge how objections were answered, and write the "
    "prompt and the examples in its own words"
)
EXCERPTS = (
    "*The transcript of “{title}” is long. The model has read {read} of {count} sentences, in excerpts spread over the "
    "video.*"
)


def extract_sales_material(task: Task) -> Iterator[Event]:
    """Write the four parts of each video. Raises `ProviderError` if a hosted model has made none of them."""
    if not task.subjects:
        yield Text(CHOOSE.format(agent=NAME))
        return
    count = 0
    failure = None
    for place, subject in enumerate(task.subjects):
        yield from _begin_subject(task, subject, place)
        if not subject.sentences and subject.title in task.missing:
            yield Text(NOT_THERE.format(agent=NAME))
            continue
        maker = PartMaker(task, subject)
        for number, kind in enumerate(HEADINGS, 1):
            yield Progress(f"{HEADINGS[kind]} of “{subject.title}” ({number} of {len(HEADINGS)})")
            output = yield from maker.run(kind)
            count += output.error is None
            failure = failure or maker.failure
            text = write_failed_part(kind, output.error.message) if output.error else write_part(kind, output.content)
            yield output
            yield Text(f"{BREAK if number > 1 else ''}{text}", is_checked=output.is_cited)
        if 0 < maker.read_count < len(subject.sentences):
            note = EXCERPTS.format(title=subject.title, read=maker.read_count, count=len(subject.sentences))
            yield Text(BREAK + note, is_checked=False)
    if failure and not count:
        raise failure
    if task.is_local:
        yield Text(add_hint(HINT), is_checked=False)


def _begin_subject(task: Task, subject: Subject, place: int) -> Iterator[Event]:
    """Write the heading of a video where there are several, a level above those of its parts."""
    if len(task.subjects) > 1:
        yield Text(f"{BREAK if place else ''}# {' '.join(subject.label.split())}{BREAK}", is_checked=False)


class PartMaker:
    """Make the parts of one video. `failure` is the last error of the provider, `read_count` what a model has read."""

    def __init__(self, task: Task, subject: Subject) -> None:
        self._task, self._subject = task, subject
        self._findings: Findings | None = None
        self._hosted: HostedMaker | None = None
        self._language = ""
        self.failure: ProviderError | None = None

    @property
    def read_count(self) -> int:
        return self._hosted.read_count if self._hosted else 0

    def run(self, kind: str) -> Generator[Event, None, NewOutput]:
        """Return a part, or the error that prevents it, as an output."""
        began = time.monotonic()
        made, error = Made(""), None
        try:
            made = yield from self._make(kind)
        except PartFailed as failure:
            error = OutputError(failure.code, failure.message)
        except ProviderError as failure:
            self.failure = failure
            error = OutputError("PROVIDER_ERROR", str(failure))
        return NewOutput(
            type=kind,
            content=made.text,
            data=made.data,
            video_id=self._subject.video_id,
            model=self._task.model_name,
            seconds=time.monotonic() - began,
            is_cited=kind == "sales_analysis",
            metadata={"language": self._language},
            error=error,
        )

    def _make(self, kind: str) -> Generator[Event, None, Made]:
        self._check_length()
        if self._task.is_local:
            return self._make_locally(kind)
        return (yield from self._ask(kind))

    def _check_length(self) -> None:
        texts = [sentence.text for sentence in self._subject.sentences]
        if sum(sentence.tokens for sentence in self._subject.sentences) < MIN_TOKENS:
            words = len(" ".join(texts).split())
            raise PartFailed(
                "VALIDATION_ERROR", TOO_SHORT.format(words="1 word" if words == 1 else f"{words or 'no'} words")
            )
        self._language = self._language or find_language(self._subject)

    def _make_locally(self, kind: str) -> Made:
        if self._findings is None:
            self._findings = find_sales_talk(self._subject)
        match kind:
            case "sales_analysis":
                return local.write_analysis(self._task, self._subject, self._findings)
            case "structured_data":
                data = local.list_structured_data(self._findings)
                return Made(write_json(data), data)
            case "voice_prompt":
                return local.write_voice_prompt(self._subject, self._findings)
            case _:
                return self._show_examples(local.list_examples(self._findings))

    def _ask(self, kind: str) -> Generator[Event, None, Made]:
        if self._hosted is None:
            self._hosted = HostedMaker(self._task, self._subject, self._language)
        match kind:
            case "sales_analysis":
                return self._hosted.write_analysis()
            case "structured_data":
                data = yield from self._hosted.extract_structured_data()
                return Made(write_json(data), data)
            case "voice_prompt":
                return self._hosted.write_voice_prompt()
            case _:
                return self._show_examples((yield from self._hosted.make_examples()))

    def _show_examples(self, examples: Sequence[Example]) -> Made:
        """Return the examples with where they come from as data, and without it as text."""
        shown = {"examples": [example.as_pair() for example in examples]}
        return Made(write_json(shown), {"examples": [example.as_data(self._language) for example in examples]})
