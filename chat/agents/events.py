"""Define what an agent reports while it runs."""

import uuid
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Progress:
    """A sentence about what is being done."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the message's content.

    Its citations are checked unless `is_checked` is False, for example for JSON.
    """

    text: str
    is_checked: bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """Something that a client shows beside the text: an object with a `type`, such as `search_results`."""

    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OutputError:
    """Why a part could not be made. `code` is one of the API, and `message` a sentence for the user."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOutput:
    """Something that an agent has made, or an `error` instead. It is stored as soon as it is reported.

    `video_id` is the public ID of the video that it was made from; it may be empty if there is exactly one or none.
    `seconds` is the time that it took, and `model` the engine and model that made it. With `looked_seconds`, a hosted
    model has looked at that many seconds of the video. The citations of an `is_cited` content are checked.
    """

    type: str
    content: str = ""
    data: dict[str, Any] | list[Any] | None = None
    video_id: str = ""
    model: str = ""
    seconds: float = 0.0
    looked_seconds: float = 0.0
    is_cited: bool = False
    metadata: dict[str, Any] = field(default_factory=dict)
    error: OutputError | None = None


@dataclass(frozen=True, slots=True)
class StoredOutput:
    """An output that was stored before and is used again."""

    output_id: uuid.UUID


Event: TypeAlias = Progress | Text | Part | NewOutput | StoredOutput
