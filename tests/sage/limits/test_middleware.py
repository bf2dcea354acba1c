"""Rate limits of pages and the API with the real counter."""

import re

import pytest
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.limits import PROVIDER_KEYS, SIGNING_IN
from chat.limits import CONVERSATIONS
from sage.limits import scopes
from sage.limits.client_ip import get_client_network
from sage.limits.rates import Rate
from sage.limits.routes import RoutePattern
from sage.limits.scopes import API, PAGES, STATIC, STILLS, RateLimitScope, find_scope
from tests.servers import ROOT
from videos.limits import MEDIA, PARTS, UPLOADS, WORKERS

pytestmark = pytest.mark.django_db
VIDEO = "/v2/videos/00000000-0000-0000-0000-000000000001"
SCRIPT = {"Sec-Fetch-Dest": "empty"}


@pytest.fixture
def narrow(settings):
    """Return a function that sets limits of three requests per day, a window that does not end during a test."""

    def narrow_scopes(*names, limit=3):
        settings.LIMITS = {**settings.LIMITS, **{name: Rate(limit, 86400) for name in names}}

    return narrow_scopes


def statuses(send, times=4):
    return [send().status_code for _ in range(times)]


def test_an_api_call_over_the_limit_is_429_and_says_when_to_retry(alice_client, bob_client, narrow):
    narrow("api")
    first = alice_client.get("/v2/videos")
    assert (first["X-RateLimit-Limit"], first["X-RateLimit-Remaining"]) == ("3", "2")
    alice_client.get("/v2/collections")
    alice_client.get("/v2/videos")

    answer = alice_client.get("/v2/videos")

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (429, "RATE_LIMIT_EXCEEDED")
    assert answer["Retry-After"] == answer["X-RateLimit-Reset"] == str(error["details"]["reset_in_seconds"])
    assert 1 <= error["details"]["reset_in_seconds"] <= 2 * 86400
    assert "try again" in error["message"]
    assert bob_client.get("/v2/videos").status_code == 200


def test_pages_are_limited_too_and_refuse_without_further_queries(alice_client, narrow, django_assert_max_num_queries):
    narrow("pages", "partials")
    assert statuses(lambda: alice_client.get("/library/"), 3) == [200] * 3

    with django_assert_max_num_queries(2):  # the session and the user
        answer = alice_client.get("/library/")

    assert answer.status_code == 429 and int(answer["Retry-After"]) > 0
    assert b"Too many requests" in answer.content and b"wait" in answer.content
    assert statuses(lambda: alice_client.get("/library/", headers=SCRIPT)) == [200, 200, 200, 429]


def test_an_anonymous_visitor_is_counted_by_address(client, narrow):
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


def test_guessing_tokens_is_limited(client, alice_client, narrow):
    narrow("refused")
    guess = {"Authorization": "Bearer not-a-token"}

    assert statuses(lambda: client.get("/v2/users/me", headers=guess)) == [401, 401, 401, 429]
    assert alice_client.get("/v2/users/me").status_code == 200  # from the same address, with a session


def test_static_files_are_limited(client, narrow):
    narrow("static")

    answers = [client.get("/static/sage/icon.svg") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_calls_without_credentials_count_against_the_address(client, bob_client, narrow):
    narrow("refused")

    assert statuses(lambda: client.get("/v2/videos")) == [401, 401, 401, 429]
    assert client.get("/v2/videos", REMOTE_ADDR="192.0.2.7").status_code == 401
    assert bob_client.get("/v2/videos").status_code == 200  # signed in, with the same address


def test_refused_signatures_of_parts_count_against_the_address(client, narrow):
    narrow("refused")
    part = "/v2/uploads/00000000-0000-0000-0000-000000000001/parts/1?signature=x"

    assert statuses(lambda: client.put(part, b"x", "application/octet-stream")) == [403, 403, 403, 429]


def test_pages_and_limits_work_while_redis_is_unavailable(client, narrow, settings, caplog, monkeypatch):
    from sage.limits import check
    from sage.limits.counters import Counters

    monkeypatch.setattr(check, "counters", Counters())
    settings.REDIS_URL = "unix:///nowhere/valkey.sock"
    narrow("pages")

    assert statuses(lambda: client.get("/")) == [200, 200, 200, 429]
    assert caplog.text.count("Redis is unavailable") == 1


@pytest.mark.parametrize(
    ("behind_proxy", "trusted_proxies", "forwarded", "expected"),
    [
        (False, 1, "203.0.113.9", "192.0.2.1"),  # any client can send this header
        (True, 1, "203.0.113.9", "203.0.113.9"),
        (True, 1, "198.51.100.7, 203.0.113.9", "203.0.113.9"),  # the client wrote the first entry
        (True, 2, "198.51.100.7, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (True, 2, "203.0.113.9", "192.0.2.1"),  # it did not pass both proxies
        (True, 1, "", "unknown"),
        (True, 1, "nonsense", "unknown"),
        (True, 1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (True, 1, "::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_the_client_address_is_the_one_that_the_trusted_proxies_saw(
    settings, behind_proxy, trusted_proxies, forwarded, expected
):
    settings.BEHIND_PROXY, settings.TRUSTED_PROXIES = behind_proxy, trusted_proxies
    request = RequestFactory(REMOTE_ADDR="192.0.2.1").get("/", headers={"X-Forwarded-For": forwarded})

    assert get_client_network(request) == expected


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/health", None),
        ("GET", "/static/sage/layout.js", STATIC),
        ("PUT", "/v2/uploads/00000000-0000-0000-0000-000000000001/parts/9999", PARTS),
        ("GET", "/v2/uploads/00000000-0000-0000-0000-000000000001/parts/9999/url", PARTS),
        ("POST", "/v2/uploads/00000000-0000-0000-0000-000000000001/complete", PARTS),
        ("POST", "/v2/uploads", UPLOADS),
        ("POST", "/v2/videos", UPLOADS),
        ("GET", "/v2/videos", API),
        ("POST", "/library/upload/", UPLOADS),
        ("GET", f"{VIDEO}/file", MEDIA),
        ("GET", "/s/media/ticket/a/file", MEDIA),
        ("GET", "/videos/00000000-0000-0000-0000-000000000001/poster.jpg", STILLS),
        ("GET", "/compare/00000000-0000-0000-0000-000000000001/picture-3-a.jpg", STILLS),
        ("GET", "/s/media/ticket/a/times.f64", STILLS),
        ("GET", "/library/", PAGES),
        ("POST", "/account/keys/openai/", PROVIDER_KEYS),
        ("POST", "/v2/auth/google", SIGNING_IN),
        ("GET", "/account/google/login/callback/", SIGNING_IN),
        ("POST", "/account/password/reset/", SIGNING_IN),
        ("POST", "/v2/conversations/00000000-0000-0000-0000-000000000001/messages", CONVERSATIONS),
        ("GET", "/v2/internal/tasks", WORKERS),
    ],
)
def test_each_route_has_its_scope(method, path, scope):
    assert find_scope(RequestFactory().generic(method, path)) == scope


def test_every_form_with_credentials_counts_as_signing_in():
    """Check that forms with a password, a code or a key do not have the higher limit of pages."""
    words = ("login", "signup", "password", "reauthenticate", "second-step", "webauthn")
    paths = {
        "/" + route.replace("<", "").replace(">", "")
        for route in _routes(get_resolver().url_patterns)
        if route.startswith("account/") and any(word in route for word in words)
    }

    assert paths
    for path in paths:
        assert find_scope(RequestFactory().post(path)) == SIGNING_IN, path


def test_a_registered_scope_limits_its_routes_at_its_default_rate(client, monkeypatch):
    monkeypatch.setattr(scopes, "_registered", [])
    toy = RateLimitScope("toy", "2/d", (RoutePattern(r"/", ("GET",)),), by_address=True)

    scopes.register(toy)

    assert find_scope(RequestFactory().get("/")) is toy
    assert statuses(lambda: client.get("/")) == [200, 200, 429, 429]
    with pytest.raises(ValueError, match="two rate-limit scopes named toy"):
        scopes.register(RateLimitScope("toy", "1/s"))


def test_the_default_rate_of_every_scope_is_documented():
    listed = dict(re.findall(r"^#LIMIT_([A-Z_]+)=(.+)$", (ROOT / ".env.example").read_text(), re.M))

    assert {name.lower(): rate for name, rate in listed.items()} == {
        scope.name: scope.default_rate for scope in scopes.all_scopes()
    }


def _routes(patterns, prefix=""):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield prefix + str(pattern.pattern).lstrip("^")
