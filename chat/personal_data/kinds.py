"""The kinds of personal data."""

from enum import StrEnum
from typing import NamedTuple


class PersonalKind(StrEnum):
    EMAIL = "email"
    CARD = "card"
    IBAN = "iban"
    ID = "id"
    PHONE = "phone"
    ADDRESS = "address"
    NAME = "name"

    @property
    def placeholder(self) -> str:
        """What stands for data of this kind in a redacted text."""
        return f"[{self.upper()}]"


class Finding(NamedTuple):
    """Personal data in the half-open interval [start, end) of a text, in characters."""

    kind: PersonalKind
    start: int
    end: int
