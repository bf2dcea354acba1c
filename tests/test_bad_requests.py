"""Send malformed bodies to every operation of the API. Each is refused with an error body and none causes a 500."""

import json
import re

import pytest
from django.test import Client

from sage.limits.body_sizes import DEFAULT_BODY_BYTES, MB, max_body_bytes
from tests.test_routes import url_parameters  # noqa: F401 - a fixture with the objects of the URLs

pytestmark = pytest.mark.django_db
NESTING_LEVELS = 100_000
BODIES = {
    "not JSON": b"{",
    "not UTF-8": b'{"title": "\xff\xfe", "key": "\xff"}',
    "an array": b"[]",
    "an array of arrays": b"[" * NESTING_LEVELS + b"]" * NESTING_LEVELS,
    "an object of objects": b'{"a":' * NESTING_LEVELS + b"1" + b"}" * NESTING_LEVELS,
    "a string": b'"text"',
    "null": b"null",
    "infinity and NaN": b'{"size": 1e999, "threshold": 1e999, "expires_in_days": 1e999, "duration": NaN}',
    "a number of 5,000 digits": b'{"size": ' + b"9" * 5000 + b', "threshold": ' + b"9" * 5000 + b"}",
}
WRONG_VALUES = [[], {}, True, 7.5, -1, "\x00", "a\x00b", "x" * 70_000, "\ud800", ["\x00"], {"a": {"b": [None]}}]


@pytest.fixture
def schema(client):
    return client.get("/v2/schema/", headers={"Accept": "application/json"}).json()


def list_operations_with_body(schema, url_parameters):  # noqa: F811
    """Yield method, path and fields of every operation that accepts JSON."""
    for route, calls in schema["paths"].items():
        path = re.sub(r"\{(\w+)\}", lambda match: url_parameters[match[1]], route)
        for method, call in calls.items():
            content = call.get("requestBody", {}).get("content", {}).get("application/json")
            if content:
                name = content["schema"].get("$ref", "").rpartition("/")[2]
                yield method, path, schema["components"]["schemas"].get(name, content["schema"]).get("properties", {})


@pytest.fixture
def send_bodies(alice, schema, url_parameters):  # noqa: F811
    """Return a function that sends each body of `bodies(fields)` to every operation and returns the wrong responses."""

    def ask(bodies):
        own, wrong, count = Client(raise_request_exception=False), [], 0
        own.force_login(alice)
        for method, path, fields in list_operations_with_body(schema, url_parameters):
            for what, body in bodies(fields):
                answer = own.generic(method.upper(), path, body, "application/json")
                count += 1
                error = {} if answer.status_code < 400 else answer.json().get("error", {})
                if answer.status_code >= 500 or (error and set(error) != {"code", "message", "details"}):
                    wrong.append((method, path, what, answer.status_code, error))
        assert count > 50
        return wrong

    return ask


def test_a_body_that_is_not_a_json_object_is_refused(send_bodies):
    assert send_bodies(lambda fields: BODIES.items()) == []


def test_values_of_the_wrong_type_are_refused(send_bodies):
    def bodies(fields):
        for value in WRONG_VALUES:
            yield repr(value)[:20], json.dumps(dict.fromkeys(fields, value)).encode()
        for name in fields:
            yield f"{name} missing", json.dumps(dict.fromkeys(set(fields) - {name}, "\x00")).encode()

    assert send_bodies(bodies) == []


def test_large_json_is_refused_before_it_is_read(schema, url_parameters):  # noqa: F811
    """Check the limits; `tests/sage/processes/test_server.py` tests that the web server applies them."""
    sizes = {
        path: max_body_bytes(method.upper(), path)
        for method, path, _ in list_operations_with_body(schema, url_parameters)
    }

    assert len(sizes) > 8
    large = {path: size for path, size in sizes.items() if size > DEFAULT_BODY_BYTES}
    assert {path.rpartition("/")[2] for path in large} == {"import", "videos", "transcript"}  # all take files too
    assert min(large.values()) < 14 * MB
    assert DEFAULT_BODY_BYTES < 10 * MB


def test_large_json_is_refused_where_files_are_accepted(alice_client):
    body = json.dumps({"url": "x" * DEFAULT_BODY_BYTES})

    assert alice_client.post("/v2/videos", body, "application/json").status_code == 413


@pytest.mark.parametrize("evil", ['a".mp4\r\nX-Evil: 1', "a\nSet-Cookie: evil=1.mp4", "a\x00.mp4", "a\u2028b.mp4"])
def test_no_filename_injects_a_header(alice_client, evil):
    started = alice_client.post("/v2/uploads", {"filename": evil, "size": 4, "content_type": evil}, "application/json")
    answers = [
        started,
        alice_client.get("/v2/videos", {"q": evil}),
        alice_client.get("/v2/videos", headers={"Idempotency-Key": "a", "X-Request-ID": "a"}),
        alice_client.get(f"/library/?q={evil.replace(chr(0), '%00')}"),
        alice_client.get("/account/login/", {"next": f"/library/{evil}"}),
    ]

    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []
    assert not [answer for answer in answers if "X-Evil" in answer.headers or "evil" in answer.cookies]
    assert not [value for answer in answers for value in answer.headers.values() if set(value) & set("\r\n\x00")]
