"""The OpenAPI 3.1 schema is valid and complete, and the responses match it."""

import json
import re

import pytest
from django.core.management import call_command
from django.urls import get_resolver
from jsonschema import Draft202012Validator

from tests.videos.api.test_comparisons import listed
from videos.uploads import transfer

pytestmark = pytest.mark.django_db


@pytest.fixture
def schema(client):
    return client.get("/v2/schema/", headers={"Accept": "application/json"}).json()


def validator_of(schema, method, path, status):
    """Return a validator for the response of one operation."""
    answers = schema["paths"][path][method]["responses"][str(status)]
    return Draft202012Validator(
        {**answers["content"]["application/json"]["schema"], "components": schema["components"]}
    )


def test_it_is_valid_and_causes_no_warning(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yaml"))

    assert (tmp_path / "schema.yaml").read_text().startswith("openapi: 3.1")


def test_it_describes_every_url_below_v2(schema):
    routes = {
        "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)
        for route in (str(prefix) + str(inner.pattern) for prefix, inner in _routes(get_resolver().url_patterns))
        if route.startswith("v2/") and route not in {"v2/schema/", "v2/docs/"}
    }

    assert routes
    assert set(schema["paths"]) == routes


def _routes(patterns, prefix=""):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _routes(pattern.url_patterns, prefix + str(pattern.pattern))
        else:
            yield prefix, pattern


def test_every_operation_describes_its_errors_with_one_body(schema):
    for path, calls in schema["paths"].items():
        for method, call in calls.items():
            failures = {status: response for status, response in call["responses"].items() if status >= "400"}
            assert failures, (method, path)
            for response in failures.values():
                shape = response["content"]["application/json"]["schema"]["$ref"]
                assert shape.rpartition("/")[2] in {"Error", "Refused"}, (method, path)


def test_it_is_available_as_yaml(client):
    answer = client.get("/v2/schema/", headers={"Accept": "application/yaml"})

    assert answer.content.startswith(b"openapi: 3.1")


def test_responses_of_comparisons_match_the_schema(alice_client, alice_comparison, schema):
    one = "/v2/comparisons/{comparison_id}"
    here = f"/v2/comparisons/{alice_comparison.pk}"

    validator_of(schema, "get", "/v2/comparisons", 200).validate(listed(alice_client))
    validator_of(schema, "get", one, 200).validate(alice_client.get(here).json())
    moved = alice_client.patch(here, {"threshold": 0.3}, "application/json")
    validator_of(schema, "patch", one, 200).validate(moved.json())
    refused = alice_client.patch(here, {"threshold": 7}, "application/json")
    validator_of(schema, "patch", one, 422).validate(refused.json())
    validator_of(schema, "post", f"{one}/cancel", 409).validate(alice_client.post(f"{here}/cancel").json())
    alice_client.logout()
    validator_of(schema, "get", one, 401).validate(alice_client.get(here).json())


def test_responses_of_uploads_match_the_schema(alice_client, schema, monkeypatch):
    monkeypatch.setattr(transfer, "PART_SIZE", 4)
    body = {"filename": "a.mp4", "size": 4, "content_type": "video/mp4"}
    upload = alice_client.post("/v2/uploads", body, "application/json").json()
    validator_of(schema, "post", "/v2/uploads", 201).validate(upload)
    here, one = f"/v2/uploads/{upload['upload_id']}", "/v2/uploads/{upload_id}"

    where = alice_client.get(f"{here}/parts/1/url").json()
    validator_of(schema, "get", f"{one}/parts/{{number}}/url", 200).validate(where)
    sent = alice_client.put(where["url"], b"abcd", "application/octet-stream")
    validator_of(schema, "get", f"{one}/parts", 200).validate(alice_client.get(f"{here}/parts").json())
    parts = {"parts": [{"part_number": 1, "etag": sent.headers["ETag"]}]}
    done = alice_client.post(f"{here}/complete", parts, "application/json")

    validator_of(schema, "post", f"{one}/complete", 201).validate(done.json())


def test_a_response_that_does_not_match_is_noticed(alice_client, alice_comparison, schema):
    validator = validator_of(schema, "get", "/v2/comparisons/{comparison_id}", 200)
    read = json.loads(alice_client.get(f"/v2/comparisons/{alice_comparison.pk}").content)

    for wrong in ({"status": "done"}, {"segments": [{}]}, {"progress": "half"}):
        assert not validator.is_valid({**read, **wrong})


def test_the_documentation_has_no_inline_script_or_style(client):
    page = client.get("/v2/docs/").content.decode()

    assert "swagger-ui-bundle" in page
    assert "<style" not in page
    assert not re.search(r"<script(?![^>]*src=)", page)
    assert b"SwaggerUIBundle" in client.get("/v2/docs/?script=").content


@pytest.mark.parametrize("path", ["/v2/schema/", "/v2/docs/"])
def test_schema_and_documentation_are_404_when_switched_off(client, settings, path):
    assert client.get(path).status_code == 200
    settings.API_DOCS = False
    assert client.get(path).status_code == 404


def test_every_operation_has_rate_limit_headers_and_common_errors(schema):
    for path, calls in schema["paths"].items():
        for method, call in calls.items():
            answers = call["responses"]
            assert {"405", "429", "500", "503"} <= set(answers), (method, path)
            assert "406" not in answers
            assert "Retry-After" in answers["429"]["headers"]
            assert all(
                "X-RateLimit-Remaining" in response["headers"] for status, response in answers.items() if status < "400"
            )


def test_every_idempotent_post_accepts_a_key(schema):
    once = {
        path
        for path, calls in schema["paths"].items()
        for method, call in calls.items()
        if any(one["name"] == "Idempotency-Key" for one in call.get("parameters", []))
        and "Idempotent-Replay" in call["responses"]["409"]["headers"]
    }
    posts = {path for path, calls in schema["paths"].items() if "post" in calls}

    not_of_users = ("/v2/auth/", "/v2/internal/")
    assert once == {path for path in posts if not path.startswith(not_of_users) or path == "/v2/auth/tokens"}
