"""Serializer fields that accept JSON types strictly, and error messages that say which value to give."""

import re
from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from sage.durations import INVALID, parse_duration

VISIBLE_CHARACTER = r"[^\s\x00-\x1f\x7f-\xa0]"  # neither a space nor a control character
NUMBER_RULES = ("required", "null", "invalid", "min_value", "max_value", "max_string_length", "overflow")


def number_messages(message: str) -> dict[str, Any]:
    """Return the error messages of a number field: the same message for every rule."""
    return dict.fromkeys(NUMBER_RULES, message)


class JsonNumberField(serializers.FloatField):
    """A JSON number; strings and booleans are invalid."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field({"oneOf": [{"type": "number", "minimum": 0}, {"type": "string"}]})
class SecondsField(serializers.Field[float, float | str, float, Any]):
    """A duration: seconds as a number, or a string such as `MM:SS` or `HH:MM:SS`."""

    default_error_messages = {"invalid": INVALID}

    def to_internal_value(self, data: float | str) -> float:
        try:
            return parse_duration(data)
        except ValueError:
            self.fail("invalid")

    def to_representation(self, value: float) -> float:
        return value


class JsonStringField(serializers.CharField):
    """A JSON string with at least one visible character unless blanks are allowed; numbers are invalid."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        text = super().to_internal_value(data)
        if self.trim_whitespace and not self.allow_blank and not re.search(VISIBLE_CHARACTER, text):
            self.fail("blank")
        return text


class ListedChoiceField(serializers.ChoiceField):
    """A choice whose error message lists the choices."""

    def __init__(self, choices: Any, **options: Any) -> None:
        super().__init__(choices, **options)
        self.error_messages["invalid_choice"] = f"Give one of {', '.join(map(str, self.choices))}."


class JsonBooleanField(serializers.BooleanField):
    """A JSON boolean; strings and numbers are invalid."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class StrictSerializer(serializers.Serializer[Any]):
    """Base class of request bodies that reject unknown keys."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := [str(name) for name in data if name not in self.fields]):
            message = f"This key is unknown. The known keys are {', '.join(self.fields)}."
            raise serializers.ValidationError({name: [message] for name in unknown}, code="unknown")
        return super().to_internal_value(data)
