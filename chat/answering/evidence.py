"""Define what an answer may cite."""

import re
from dataclasses import dataclass, field

from chat.rendering import TIME
from sage.durations import format_timestamp
from sage.providers.protocols import ChatImage, ChatSource

LABEL_LIKE = re.compile(rf"\[(\s*(?:[A-T]\s*)?{TIME}[^\]]{{0,40}})\]")


@dataclass(frozen=True, slots=True)
class Citable:
    """A passage that an answer may cite, in seconds of a video, half-open. `letter` names one of several videos."""

    video_id: str
    letter: str
    start: float
    end: float
    text: str

    @property
    def label(self) -> str:
        """The citation that a model writes: `[1:05]`, or `[B 1:05]` where there are several videos."""
        time = format_timestamp(self.start)
        return f"[{self.letter} {time}]" if self.letter else f"[{time}]"

    def as_source(self) -> ChatSource:
        """Return the passage for a model, without text that looks like a citation."""
        return ChatSource(self.label, LABEL_LIKE.sub(r"(\1)", self.text))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a question is answered from. `facts` have no time and cannot be cited, such as the names of videos."""

    citables: list[Citable] = field(default_factory=list)
    facts: list[ChatSource] = field(default_factory=list)
    images: list[ChatImage] = field(default_factory=list)

    def list_sources(self) -> list[ChatSource]:
        return [*self.facts, *(citable.as_source() for citable in self.citables)]
