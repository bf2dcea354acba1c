"""Who may call the API from a browser: listed origins, by headers and never by cookies; nobody by default."""

import pytest

from sage.limits.rates import Rate

pytestmark = pytest.mark.django_db
LISTED = "chrome-extension://abcdefghijklmnopabcdefghijklmnop"
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
}


@pytest.fixture
def listed(settings):
    settings.CORS_ALLOWED_ORIGINS = [LISTED, "https://tools.example.org"]


def preflight(client, origin, path="/v2/videos"):
    return client.options(path, headers={"Origin": origin, **PREFLIGHT})


def told(answer):
    return {name: value for name, value in answer.headers.items() if name.lower().startswith("access-control")}


def names(answer, header):
    return {name.strip().lower() for name in answer.headers[header].split(",")}


@pytest.mark.parametrize("origin", [LISTED, "https://tools.example.org"])
def test_a_listed_origin_may_send_what_the_api_takes_and_read_what_it_says(client, listed, origin):
    asked = preflight(client, origin)
    answer = client.get("/v2/auth/status", headers={"Origin": origin})

    assert (asked.status_code, asked["Access-Control-Allow-Origin"]) == (200, origin)
    sent = {"authorization", "content-type", "idempotency-key", "x-guest-session-id", "range"}
    assert sent <= names(asked, "Access-Control-Allow-Headers")
    assert {"post", "patch", "put", "delete"} <= names(asked, "Access-Control-Allow-Methods")
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, origin)
    read = {"retry-after", "x-ratelimit-remaining", "idempotent-replay", "content-disposition", "etag"}
    assert read <= names(answer, "Access-Control-Expose-Headers")


def test_cookies_are_no_way_in_from_elsewhere(client, listed):
    for answer in (preflight(client, LISTED), client.get("/v2/auth/status", headers={"Origin": LISTED})):
        assert "Access-Control-Allow-Credentials" not in answer


@pytest.mark.parametrize("origin", ["https://evil.example", "http://tools.example.org", f"{LISTED}.evil", "null"])
def test_another_origin_is_told_nothing(client, listed, origin):
    assert told(preflight(client, origin)) == {}
    assert told(client.get("/v2/auth/status", headers={"Origin": origin})) == {}


def test_refusals_can_be_read_too(client, listed, settings):
    settings.LIMITS = {**settings.LIMITS, "refused": Rate(1, 86400)}
    asked = {"Origin": LISTED, "Authorization": "Bearer a.b.c"}
    answers = [client.get("/v2/videos", headers=asked) for _ in range(2)]
    answers.append(client.get("/v2/nothing", headers={"Origin": LISTED}))

    assert [answer.status_code for answer in answers] == [401, 429, 404]
    assert {answer["Access-Control-Allow-Origin"] for answer in answers} == {LISTED}


def test_pages_are_for_no_other_origin(client, listed):
    assert told(client.get("/account/login/", headers={"Origin": LISTED})) == {}
    assert told(preflight(client, LISTED, "/account/login/")) == {}


def test_nobody_is_listed_by_default(client, settings):
    assert settings.CORS_ALLOWED_ORIGINS == []
    assert told(preflight(client, LISTED)) == {}
    assert told(client.get("/v2/auth/status", headers={"Origin": LISTED})) == {}
