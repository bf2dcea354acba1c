"""What no client of ours would send, to every call of the API that takes a body: refused in the one shape, no fault."""

import json
import re

import pytest
from django.test import Client

from sage.web import DEFAULT_LIMIT, MB, body_limit
from tests.test_routes import named  # noqa: F401 - what addresses name is made there

pytestmark = pytest.mark.django_db
DEEP = 100_000
BODIES = {
    "no JSON": b"{",
    "not UTF-8": b'{"title": "\xff\xfe", "key": "\xff"}',
    "an array": b"[]",
    "an array of arrays": b"[" * DEEP + b"]" * DEEP,
    "objects in objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "a text": b'"text"',
    "nothing": b"null",
    "a number beyond all": b'{"size": 1e999, "threshold": 1e999, "expires_in_days": 1e999, "duration": NaN}',
    "a number of 5,000 digits": b'{"size": ' + b"9" * 5000 + b', "threshold": ' + b"9" * 5000 + b"}",
}
WRONG = [[], {}, True, 7.5, -1, "\x00", "a\x00b", "x" * 70_000, "\ud800", ["\x00"], {"a": {"b": [None]}}]


@pytest.fixture
def schema(client):
    return client.get("/v2/schema/", headers={"Accept": "application/json"}).json()


def writing(schema, named):  # noqa: F811
    """Method, address, and fields, of every call that takes JSON."""
    for route, calls in schema["paths"].items():
        path = re.sub(r"\{(\w+)\}", lambda place: named[place[1]], route)
        for method, call in calls.items():
            told = call.get("requestBody", {}).get("content", {}).get("application/json")
            if told:
                name = told["schema"].get("$ref", "").rpartition("/")[2]
                yield method, path, schema["components"]["schemas"].get(name, told["schema"]).get("properties", {})


@pytest.fixture
def asked(alice, schema, named):  # noqa: F811
    """Every call with every body that `bodies` makes of its fields; what is wrong with the answers."""

    def ask(bodies):
        own, wrong, count = Client(raise_request_exception=False), [], 0
        own.force_login(alice)
        for method, path, fields in writing(schema, named):
            for what, body in bodies(fields):
                answer = own.generic(method.upper(), path, body, "application/json")
                count += 1
                error = {} if answer.status_code < 400 else answer.json().get("error", {})
                if answer.status_code >= 500 or (error and set(error) != {"code", "message", "details"}):
                    wrong.append((method, path, what, answer.status_code, error))
        assert count > 50
        return wrong

    return ask


def test_a_body_that_is_no_object_of_json_is_refused(asked):
    assert asked(lambda fields: BODIES.items()) == []


def test_values_of_a_wrong_kind_are_refused(asked):
    def bodies(fields):
        for value in WRONG:
            yield repr(value)[:20], json.dumps(dict.fromkeys(fields, value)).encode()
        for name in fields:
            yield f"{name} missing", json.dumps(dict.fromkeys(set(fields) - {name}, "\x00")).encode()

    assert asked(bodies) == []


def test_json_is_refused_by_its_size_before_it_is_read(schema, named):  # noqa: F811
    """The web server itself refuses it; see `tests/sage/test_web.py` for how."""
    sizes = {path: body_limit(method.upper(), path) for method, path, _ in writing(schema, named)}

    assert len(sizes) > 8
    assert {path: size for path, size in sizes.items() if size > DEFAULT_LIMIT} == {}
    assert DEFAULT_LIMIT < 10 * MB


@pytest.mark.parametrize("evil", ['a".mp4\r\nX-Evil: 1', "a\nSet-Cookie: evil=1.mp4", "a\x00.mp4", "a\u2028b.mp4"])
def test_no_name_writes_a_header(alices, evil):
    begun = alices.post("/v2/uploads", {"filename": evil, "size": 4, "content_type": evil}, "application/json")
    answers = [
        begun,
        alices.get("/v2/videos", {"q": evil}),
        alices.get("/v2/videos", headers={"Idempotency-Key": "a", "X-Request-ID": "a"}),
        alices.get(f"/library/?q={evil.replace(chr(0), '%00')}"),
        alices.get("/account/login/", {"next": f"/library/{evil}"}),
    ]

    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []
    assert not [answer for answer in answers if "X-Evil" in answer.headers or "evil" in answer.cookies]
    assert not [value for answer in answers for value in answer.headers.values() if set(value) & set("\r\n\x00")]
