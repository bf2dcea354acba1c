"""The examples in the OpenAPI schema match it."""

from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

from sage.api import openapi

JSON = "application/json"
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


def bodies(described: dict[str, Any]):
    """Yield a name and the JSON body of each request and response."""
    for path, calls in described["paths"].items():
        for method, call in calls.items():
            if method in METHODS:
                answers = {f"{method} {path} {status}": answer for status, answer in call["responses"].items()}
                for name, body in {f"{method} {path}": call.get("requestBody", {}), **answers}.items():
                    if JSON in body.get("content", {}):
                        yield name, body["content"][JSON]


def test_every_example_matches_its_schema(described):
    wrong = [
        f"{name}, {title}: {error.message}"
        for name, body in bodies(described)
        for title, example in body.get("examples", {}).items()
        for error in Draft202012Validator({**body["schema"], "components": described["components"]}).iter_errors(
            example["value"]
        )
    ]

    assert wrong == []


def test_every_json_request_and_every_error_has_an_example(described):
    bare = [
        name for name, body in bodies(described) if "examples" not in body and not name.endswith(("200", "201", "202"))
    ]

    assert bare == []


def test_the_schema_is_generated_once(client, monkeypatch):
    generated = []
    monkeypatch.setattr(openapi.SchemaGenerator, "get_schema", lambda *_, **__: generated.append(1) or {"paths": {}})
    openapi.generate_schema.cache_clear()

    answers = [client.get(f"/v2/schema/{query}") for query in ("", "?version=2", "?lang=de")]
    openapi.generate_schema.cache_clear()

    assert [answer.json() for answer in answers] == [{"paths": {}}] * 3
    assert answers[0].headers["Content-Disposition"] == 'inline; filename="Sage.json"'
    assert len(generated) == 1
