"""Define what an agent works on. Only workers import this module."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from chat.answering.evidence import Citable
from sage.providers.protocols import ChatImage, ChatMessage, ChatModel, ChatSource, TextEmbedder
from videos.transcripts.passages import Sentence, count_tokens

LOCAL_ENGINE = "extractive"
MAX_TOKENS = 4_096  # of what a model writes for one request
MAX_SOURCE_TOKENS = 24_000  # of sentences that are sent to a model; those beyond are left out evenly


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A video that an agent works on. `letter` is empty if it is the only one. Times are in seconds.

    `language` is that of the transcript, ISO 639-1. `images` are what a model looks at.
    """

    video_id: str
    title: str
    letter: str = ""
    duration: float = 0.0
    language: str = ""
    summary: str = ""
    sentences: Sequence[Sentence] = ()
    screen_lines: Sequence[Citable] = ()
    chapters: Sequence[tuple[float, str]] = ()
    shots: Sequence[float] = ()
    images: Sequence[ChatImage] = ()

    @property
    def label(self) -> str:
        """The heading of the video where an agent writes about several."""
        return f"{self.letter}: {self.title}" if self.letter else self.title

    def cite(self, sentence: Sentence) -> Citable:
        return Citable(self.video_id, self.letter, sentence.start, sentence.end, sentence.text)

    def list_citables(self) -> list[Citable]:
        """Return the sentences and the lines of text on screen."""
        return [*(self.cite(sentence) for sentence in self.sentences), *self.screen_lines]

    def list_sources(self, max_tokens: int = MAX_SOURCE_TOKENS) -> list[ChatSource]:
        """Return the title and the sentences for a model. Of a long transcript, every n-th sentence is left out."""
        title = ChatSource("[video]", f"The title of this video: {self.title}")
        step = max(1, -(-sum(count_tokens(sentence.text) for sentence in self.sentences) // max_tokens))
        spoken = (self.cite(sentence) for sentence in self.sentences[::step])
        return [title, *(citable.as_source() for citable in (*spoken, *self.screen_lines))]


@dataclass(frozen=True, slots=True)
class StoredAnalysis:
    """An analysis of the same bytes, model and question."""

    output_id: uuid.UUID
    content: str


@dataclass(slots=True, kw_only=True)
class Task:
    """The question of a user without the `@name`, and all that an agent may use. It needs no database.

    `chat_model` is None if only the local engine is available. `missing` has the titles of videos without a transcript.
    `material` is what the agent's own `prepare` has returned, and `found` the passages that it adds to those that may
    be cited. `stored` has analyses that can be reused, by video. With `is_fresh`, the user wants them made again.
    """

    question: str = ""
    subjects: Sequence[Subject] = ()
    missing: Sequence[str] = ()
    differences: Sequence[Citable] = ()
    comparison_id: str = ""
    chat_model: ChatModel | None = None
    embedder: TextEmbedder | None = None
    material: Any = None
    found: list[Citable] = field(default_factory=list)
    stored: dict[str, StoredAnalysis] = field(default_factory=dict)
    is_fresh: bool = False

    @property
    def is_local(self) -> bool:
        """Whether the work is done on this machine, by the extractive engine."""
        return self.chat_model is None

    @property
    def model_name(self) -> str:
        """The engine and the model that write, for the metadata of outputs."""
        return self.chat_model.model if self.chat_model else f"{LOCAL_ENGINE}:quotes"

    def list_citables(self) -> list[Citable]:
        spoken = (citable for subject in self.subjects for citable in subject.list_citables())
        return [*self.differences, *self.found, *spoken]

    def embed(self, texts: Sequence[str]) -> NDArray[Any]:
        """Return one vector of length 1 for each text. May raise `ProviderError`."""
        assert self.embedder  # noqa: S101 - the runner sets it
        return self.embedder.embed(texts)

    def ask(
        self,
        rules: str,
        request: str,
        sources: Sequence[ChatSource] = (),
        images: Sequence[ChatImage] = (),
        max_tokens: int = MAX_TOKENS,
    ) -> Iterator[str]:
        """Yield what the hosted model writes. Sources are marked as untrusted. May raise `ProviderError`."""
        assert self.chat_model  # noqa: S101 - call it only if `is_local` is False
        shown = tuple(images) if self.chat_model.sees else ()
        messages = [ChatMessage("system", rules), ChatMessage("user", request, shown)]
        return self.chat_model.stream(messages, list(sources), max_tokens)
