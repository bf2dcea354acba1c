"""What is asked for in plain words, by forms and by the API alike, and JSON's own kinds for the API."""

import re
from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from sage.lengths import ASKED, seconds_of

SEEN = r"[^\s\x00-\x1f\x7f-\xa0]"  # no space, no control character
NUMBER_RULES = ("required", "null", "invalid", "min_value", "max_value", "max_string_length", "overflow")


def asked(sentence: str) -> dict[str, Any]:
    """The error messages of a number, whatever is wrong with it: one sentence that says what to give."""
    return dict.fromkeys(NUMBER_RULES, sentence)


class JsonNumber(serializers.FloatField):
    """A number as JSON has them: neither a text that looks like one, nor true or false."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field({"oneOf": [{"type": "number", "minimum": 0}, {"type": "string"}]})
class Length(serializers.Field[float, float | str, float, Any]):
    """Seconds as a number, or a text as people write it: `MM:SS`, `HH:MM:SS`."""

    default_error_messages = {"invalid": ASKED}

    def to_internal_value(self, data: float | str) -> float:
        try:
            return seconds_of(data)
        except ValueError:
            self.fail("invalid")

    def to_representation(self, value: float) -> float:
        return value


class JsonText(serializers.CharField):
    """A text as JSON has them, not a number that could be written as one, with something to be seen in it."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        text = super().to_internal_value(data)
        if self.trim_whitespace and not self.allow_blank and not re.search(SEEN, text):
            self.fail("blank")
        return text


class OneOf(serializers.ChoiceField):
    """One of a few words, which an error names."""

    def __init__(self, choices: Any, **options: Any) -> None:
        super().__init__(choices, **options)
        self.error_messages["invalid_choice"] = f"Give one of {', '.join(map(str, self.choices))}."


class JsonBoolean(serializers.BooleanField):
    """true or false, not a word or a number that may be meant so."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Closed(serializers.Serializer[Any]):
    """A body that has no other keys than these. It bears no rows: subclasses say what is in it."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := [str(name) for name in data if name not in self.fields]):
            told = f"This is not known here. Give {', '.join(self.fields)}."
            raise serializers.ValidationError({name: [told] for name in unknown}, code="unknown")
        return super().to_internal_value(data)
