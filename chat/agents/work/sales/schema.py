"""Read and check the structured data of a model."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from chat.answering.citations import clean_text

ROOT = "analysis_data"
FIELDS = {  # that each item of a list needs
    "sales_techniques": ("name", "description"),
    "communication_strategies": ("name", "description"),
    "objection_handling": ("objection", "response"),
    "key_metrics": ("name", "value"),
}
MAX_ITEMS = 50  # of a list
MAX_LETTERS = 2_000  # of a text
MAX_ERRORS = 12  # that a model is told
TRAILING_COMMA = re.compile(r",(\s*[}\]])")
NO_JSON = "There is no JSON object in the answer, or it is not complete."


class InvalidAnswer(Exception):
    """A model's answer does not have the form that was asked for. `errors` are sentences for the model."""

    def __init__(self, *errors: str) -> None:
        super().__init__(errors)
        self.errors = errors


def parse_json(text: str) -> dict[str, Any]:
    """Return the JSON object in a model's answer. Text around it and commas after the last item are ignored.

    Raises `InvalidAnswer`.
    """
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        raise InvalidAnswer(NO_JSON)
    found = text[start : end + 1]
    for candidate in (found, TRAILING_COMMA.sub(r"\1", found)):
        try:
            value = json.loads(candidate, strict=False, parse_constant=_reject_constant)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            return value
    raise InvalidAnswer(NO_JSON)


def check_analysis_data(value: Mapping[str, Any], starts: Mapping[str, float]) -> dict[str, Any]:
    """Return valid structured data `{"analysis_data": {…}}` with the four lists. Raises `InvalidAnswer`.

    `starts` has the seconds of the passages by their labels. Of unknown keys, nothing is kept.
    """
    data = value.get(ROOT, value)
    if not isinstance(data, dict):
        raise InvalidAnswer(f"{ROOT} must be an object.")
    errors: list[str] = []
    checked = {name: _check_list(name, data.get(name), starts, errors) for name in FIELDS}
    if errors:
        raise InvalidAnswer(*errors[:MAX_ERRORS])
    return {ROOT: checked}


def _check_list(name: str, items: Any, starts: Mapping[str, float], errors: list[str]) -> list[dict[str, Any]]:
    if not isinstance(items, list):
        errors.append(f"{ROOT}.{name} must be a list. It may be empty.")
        return []
    if len(items) > MAX_ITEMS:
        errors.append(f"{ROOT}.{name} must have at most {MAX_ITEMS} items.")
    checked = []
    for place, item in enumerate(items[:MAX_ITEMS]):
        path = f"{ROOT}.{name}[{place}]"
        if isinstance(item, dict):
            checked.append(_check_item(path, item, FIELDS[name], starts, errors))
        else:
            errors.append(f"{path} must be an object.")
    return checked


def _check_item(
    path: str, item: dict[str, Any], needed: Sequence[str], starts: Mapping[str, float], errors: list[str]
) -> dict[str, Any]:
    checked: dict[str, Any] = {}
    for field in needed:
        if field == "value" and _is_number(item.get(field)):
            checked[field] = item[field]
        elif text := read_text(item.get(field)):
            checked[field] = text
        else:
            errors.append(f"{path}.{field} must be a text that is not empty.")
    if quote := read_text(item.get("quote")):
        checked["quote"] = quote
    if (start := starts.get(read_text(item.get("passage")).strip("[]"))) is not None:
        checked["start"] = start
    return checked


def read_text(value: Any) -> str:
    """Return a text in one line that can be stored, cut to `MAX_LETTERS`. Empty if the value is no text."""
    return " ".join(clean_text(value).split())[:MAX_LETTERS] if isinstance(value, str) else ""


def write_json(value: Any) -> str:
    """Return JSON as it is shown."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and (isinstance(value, int) or math.isfinite(value))


def _reject_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON.")
