"""The description is valid OpenAPI 3.1, whole, and true: what the API answers is what it says."""

import json
import re

import pytest
from django.core.management import call_command
from django.urls import get_resolver
from jsonschema import Draft202012Validator

from tests.videos.api.test_comparisons import listed
from videos import uploads

pytestmark = pytest.mark.django_db


@pytest.fixture
def schema(client):
    return client.get("/v2/schema/", headers={"Accept": "application/json"}).json()


def described(schema, method, path, status):
    """A validator for the answer of one call."""
    answers = schema["paths"][path][method]["responses"][str(status)]
    return Draft202012Validator(
        {**answers["content"]["application/json"]["schema"], "components": schema["components"]}
    )


def test_it_is_valid_and_without_a_warning(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yaml"))

    assert (tmp_path / "schema.yaml").read_text().startswith("openapi: 3.1")


def test_it_describes_every_address_below_v2(schema):
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


def test_every_call_says_what_may_go_wrong_in_the_one_shape(schema):
    for path, calls in schema["paths"].items():
        for method, call in calls.items():
            failures = {status: told for status, told in call["responses"].items() if status >= "400"}
            assert failures, (method, path)
            for told in failures.values():
                shape = told["content"]["application/json"]["schema"]["$ref"]
                assert shape.rpartition("/")[2] in {"Error", "Refused"}, (method, path)


def test_it_is_there_as_yaml_too(client):
    answer = client.get("/v2/schema/", headers={"Accept": "application/yaml"})

    assert answer.content.startswith(b"openapi: 3.1")


def test_answers_about_comparisons_are_as_described(alices, alices_comparison, schema):
    one = "/v2/comparisons/{comparison_id}"
    here = f"/v2/comparisons/{alices_comparison.pk}"

    described(schema, "get", "/v2/comparisons", 200).validate(listed(alices))
    described(schema, "get", one, 200).validate(alices.get(here).json())
    moved = alices.patch(here, {"threshold": 0.3}, "application/json")
    described(schema, "patch", one, 200).validate(moved.json())
    refused = alices.patch(here, {"threshold": 7}, "application/json")
    described(schema, "patch", one, 422).validate(refused.json())
    described(schema, "post", f"{one}/cancel", 409).validate(alices.post(f"{here}/cancel").json())
    alices.logout()
    described(schema, "get", one, 401).validate(alices.get(here).json())


def test_answers_about_uploads_are_as_described(alices, schema, monkeypatch):
    monkeypatch.setattr(uploads, "PART_SIZE", 4)
    body = {"filename": "a.mp4", "size": 4, "content_type": "video/mp4"}
    upload = alices.post("/v2/uploads", body, "application/json").json()
    described(schema, "post", "/v2/uploads", 201).validate(upload)
    here, one = f"/v2/uploads/{upload['upload_id']}", "/v2/uploads/{upload_id}"

    where = alices.get(f"{here}/parts/1/url").json()
    described(schema, "get", f"{one}/parts/{{number}}/url", 200).validate(where)
    sent = alices.put(where["url"], b"abcd", "application/octet-stream")
    described(schema, "get", f"{one}/parts", 200).validate(alices.get(f"{here}/parts").json())
    parts = {"parts": [{"part_number": 1, "etag": sent.headers["ETag"]}]}
    done = alices.post(f"{here}/complete", parts, "application/json")

    described(schema, "post", f"{one}/complete", 201).validate(done.json())


def test_a_description_that_is_untrue_would_be_noticed(alices, alices_comparison, schema):
    validator = described(schema, "get", "/v2/comparisons/{comparison_id}", 200)
    read = json.loads(alices.get(f"/v2/comparisons/{alices_comparison.pk}").content)

    for wrong in ({"status": "done"}, {"segments": [{}]}, {"progress": "half"}):
        assert not validator.is_valid({**read, **wrong})


def test_the_page_holds_no_inline_script_or_style(client):
    page = client.get("/v2/docs/").content.decode()

    assert "swagger-ui-bundle" in page
    assert "<style" not in page
    assert not re.search(r"<script(?![^>]*src=)", page)
    assert b"SwaggerUIBundle" in client.get("/v2/docs/?script=").content


@pytest.mark.parametrize("path", ["/v2/schema/", "/v2/docs/"])
def test_both_are_shown_only_where_they_are_switched_on(client, settings, path):
    assert client.get(path).status_code == 200
    settings.API_DOCS = False
    assert client.get(path).status_code == 404


def test_every_call_names_the_headers_of_limits_and_what_any_call_may_answer(schema):
    for path, calls in schema["paths"].items():
        for method, call in calls.items():
            answers = call["responses"]
            assert {"405", "429", "500", "503"} <= set(answers), (method, path)
            assert "406" not in answers
            assert "Retry-After" in answers["429"]["headers"]
            assert all("X-RateLimit-Remaining" in told["headers"] for status, told in answers.items() if status < "400")


def test_every_post_that_is_done_once_says_so(schema):
    once = {
        path
        for path, calls in schema["paths"].items()
        for method, call in calls.items()
        if any(one["name"] == "Idempotency-Key" for one in call.get("parameters", []))
        and "Idempotent-Replay" in call["responses"]["409"]["headers"]
    }
    posts = {path for path, calls in schema["paths"].items() if "post" in calls}

    assert once == {path for path in posts if not path.startswith("/v2/auth/") or path == "/v2/auth/tokens"}
