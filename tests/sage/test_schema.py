"""The examples of the API's description are what it describes."""

from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

JSON = "application/json"
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


def bodies(described: dict[str, Any]):
    """What each call asks for and answers as JSON, and by which words to name it."""
    for path, calls in described["paths"].items():
        for method, call in calls.items():
            if method in METHODS:
                answers = {f"{method} {path} {status}": answer for status, answer in call["responses"].items()}
                for name, body in {f"{method} {path}": call.get("requestBody", {}), **answers}.items():
                    if JSON in body.get("content", {}):
                        yield name, body["content"][JSON]


def test_every_example_is_of_the_shape_that_it_stands_for(described):
    wrong = [
        f"{name}, {title}: {error.message}"
        for name, body in bodies(described)
        for title, example in body.get("examples", {}).items()
        for error in Draft202012Validator({**body["schema"], "components": described["components"]}).iter_errors(
            example["value"]
        )
    ]

    assert wrong == []


def test_every_call_that_takes_json_shows_a_body_and_every_error_one(described):
    bare = [
        name for name, body in bodies(described) if "examples" not in body and not name.endswith(("200", "201", "202"))
    ]

    assert bare == []
