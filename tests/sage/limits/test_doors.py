"""Limits at the doors, under the real counter: the same for pages and the API."""

import pytest
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from sage.limits.addresses import address_of
from sage.limits.classes import Class, class_of
from sage.limits.rates import Rate

pytestmark = pytest.mark.django_db
VIDEO = "/v2/videos/00000000-0000-0000-0000-000000000001"
SCRIPT = {"Sec-Fetch-Dest": "empty"}


@pytest.fixture
def narrow(settings):
    """Three an hour of one class; an hour, so that no border of a window falls into a test."""

    def to(*classes, most=3):
        settings.LIMITS = {**settings.LIMITS, **{one: Rate(most, 86400) for one in classes}}

    return to


def statuses(ask, times=4):
    return [ask().status_code for _ in range(times)]


def test_an_api_call_over_the_limit_is_429_with_when_to_come_again(alices, bobs, narrow):
    narrow("api")
    first = alices.get("/v2/videos")
    assert (first["X-RateLimit-Limit"], first["X-RateLimit-Remaining"]) == ("3", "2")
    alices.get("/v2/collections")
    alices.get("/v2/videos")

    answer = alices.get("/v2/videos")

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (429, "RATE_LIMIT_EXCEEDED")
    assert answer["Retry-After"] == answer["X-RateLimit-Reset"] == str(error["details"]["reset_in_seconds"])
    assert 1 <= error["details"]["reset_in_seconds"] <= 2 * 86400
    assert "try again" in error["message"]
    assert bobs.get("/v2/videos").status_code == 200


def test_pages_have_the_same_limits_and_say_so_without_a_query(alices, narrow, django_assert_max_num_queries):
    narrow("pages", "partials")
    assert statuses(lambda: alices.get("/library/"), 3) == [200] * 3

    with django_assert_max_num_queries(2):  # who it is
        answer = alices.get("/library/")

    assert answer.status_code == 429 and int(answer["Retry-After"]) > 0
    assert b"Too many tries" in answer.content and b"wait" in answer.content
    assert statuses(lambda: alices.get("/library/", headers=SCRIPT)) == [200, 200, 200, 429]


def test_whoever_is_not_signed_in_is_counted_by_address(client, narrow):
    narrow("pages")
    assert statuses(lambda: client.get("/", REMOTE_ADDR="192.0.2.1")) == [200, 200, 200, 429]
    assert client.get("/", REMOTE_ADDR="192.0.2.2").status_code == 200
    assert client.get("/", REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 429


def test_signing_in_counts_by_address_in_pages_and_api_alike(client, alice, narrow):
    narrow("signing_in")
    wrong = {"email": "alice@example.org", "password": "wrong"}
    page = {"login": "alice@example.org", "password": "wrong"}

    assert client.post("/account/login/", page).status_code == 200
    assert client.post("/v2/auth/login", wrong, "application/json").status_code == 401
    assert client.post("/account/signup/", {}).status_code == 200
    assert client.post("/v2/auth/login", wrong, "application/json").status_code == 429
    assert client.post("/account/login/", page).status_code == 429
    assert client.get("/account/login/").status_code == 200


def test_guessing_tokens_ends(client, alices, narrow):
    narrow("refused")
    guess = {"Authorization": "Bearer not-a-token"}

    assert statuses(lambda: client.get("/v2/users/me", headers=guess)) == [401, 401, 401, 429]
    assert alices.get("/v2/users/me").status_code == 200  # from the same address, by a session


def test_static_files_are_counted_before_anything_else(client, narrow):
    narrow("static")

    answers = [client.get("/static/sage/icon.svg") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_while_redis_is_away_pages_work_and_limits_hold(client, narrow, settings, caplog, monkeypatch):
    from sage.limits import asking
    from sage.limits.counters import Counters

    monkeypatch.setattr(asking, "counters", Counters())
    settings.REDIS_URL = "unix:///nowhere/valkey.sock"
    narrow("pages")

    assert statuses(lambda: client.get("/")) == [200, 200, 200, 429]
    assert caplog.text.count("Redis is away") == 1


@pytest.mark.parametrize(
    ("behind", "trusted", "forwarded", "seen"),
    [
        (False, 1, "203.0.113.9", "192.0.2.1"),  # anybody may write that
        (True, 1, "203.0.113.9", "203.0.113.9"),
        (True, 1, "198.51.100.7, 203.0.113.9", "203.0.113.9"),  # the first was written by the visitor
        (True, 2, "198.51.100.7, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (True, 2, "203.0.113.9", "192.0.2.1"),  # it did not come through both
        (True, 1, "", "unknown"),
        (True, 1, "nonsense", "unknown"),
        (True, 1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (True, 1, "::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_an_address_is_what_our_own_proxies_saw(settings, behind, trusted, forwarded, seen):
    settings.BEHIND_PROXY, settings.TRUSTED_PROXIES = behind, trusted
    request = RequestFactory(REMOTE_ADDR="192.0.2.1").get("/", headers={"X-Forwarded-For": forwarded})

    assert address_of(request) == seen


@pytest.mark.parametrize(
    ("method", "path", "which"),
    [
        ("GET", "/health", None),
        ("GET", "/static/sage/frame.js", Class.STATIC),
        ("PUT", "/v2/uploads/00000000-0000-0000-0000-000000000001/parts/9999", Class.PARTS),
        ("GET", "/v2/uploads/00000000-0000-0000-0000-000000000001/parts/9999/url", Class.PARTS),
        ("POST", "/v2/uploads/00000000-0000-0000-0000-000000000001/complete", Class.PARTS),
        ("POST", "/v2/uploads", Class.UPLOADS),
        ("POST", "/v2/videos", Class.UPLOADS),
        ("GET", "/v2/videos", Class.API),
        ("POST", "/library/upload/", Class.UPLOADS),
        ("GET", f"{VIDEO}/file", Class.MEDIA),
        ("GET", "/s/media/ticket/a/file", Class.MEDIA),
        ("GET", "/videos/00000000-0000-0000-0000-000000000001/poster.jpg", Class.STILLS),
        ("GET", "/compare/00000000-0000-0000-0000-000000000001/picture-3-a.jpg", Class.STILLS),
        ("GET", "/s/media/ticket/a/times.f64", Class.STILLS),
        ("GET", "/library/", Class.PAGES),
        ("POST", "/account/keys/openai/", Class.PROVIDER_KEYS),
        ("POST", "/v2/auth/google", Class.SIGNING_IN),
        ("GET", "/account/google/login/callback/", Class.SIGNING_IN),
        ("POST", "/account/password/reset/", Class.SIGNING_IN),
        ("POST", "/v2/conversations/00000000-0000-0000-0000-000000000001/messages", Class.CONVERSATIONS),
        ("GET", "/v2/internal/tasks", Class.WORKERS),
    ],
)
def test_each_address_is_in_its_class(method, path, which):
    assert class_of(RequestFactory().generic(method, path)) == which


def test_every_way_to_prove_who_one_is_counts_as_signing_in():
    """A form of allauth's that asks for a password, a code or a key must not be left to the limit of pages."""
    words = ("login", "signup", "password", "reauthenticate", "second-step", "webauthn")
    paths = {
        "/" + route.replace("<", "").replace(">", "")
        for route in _routes(get_resolver().url_patterns)
        if route.startswith("account/") and any(word in route for word in words)
    }

    assert paths
    for path in paths:
        assert class_of(RequestFactory().post(path)) == Class.SIGNING_IN, path


def _routes(patterns, prefix=""):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield prefix + str(pattern.pattern).lstrip("^")
