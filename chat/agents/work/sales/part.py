"""Define what the four parts are made of."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Made:
    """A part: the text that is shown and stored, and its data."""

    text: str
    data: dict[str, Any] | None = None


class PartFailed(Exception):
    """A part could not be made. `code` is one of the API, and `message` a sentence for the user."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message
