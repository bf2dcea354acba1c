"""Cross-origin requests: only listed origins, and never with cookies. No origin is listed by default."""

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


def get_cors_headers(answer):
    return {name: value for name, value in answer.headers.items() if name.lower().startswith("access-control")}


def split_names(answer, header):
    return {name.strip().lower() for name in answer.headers[header].split(",")}


@pytest.mark.parametrize("origin", [LISTED, "https://tools.example.org"])
def test_a_listed_origin_may_send_and_read_the_headers_of_the_api(client, listed, origin):
    preflight_answer = preflight(client, origin)
    answer = client.get("/v2/auth/status", headers={"Origin": origin})

    assert (preflight_answer.status_code, preflight_answer["Access-Control-Allow-Origin"]) == (200, origin)
    sent = {"authorization", "content-type", "idempotency-key", "x-guest-session-id", "range"}
    assert sent <= split_names(preflight_answer, "Access-Control-Allow-Headers")
    assert {"post", "patch", "put", "delete"} <= split_names(preflight_answer, "Access-Control-Allow-Methods")
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, origin)
    read = {"retry-after", "x-ratelimit-remaining", "idempotent-replay", "content-disposition", "etag"}
    assert read <= split_names(answer, "Access-Control-Expose-Headers")


def test_cookies_do_not_authenticate_another_origin(client, listed):
    for answer in (preflight(client, LISTED), client.get("/v2/auth/status", headers={"Origin": LISTED})):
        assert "Access-Control-Allow-Credentials" not in answer


@pytest.mark.parametrize("origin", ["https://evil.example", "http://tools.example.org", f"{LISTED}.evil", "null"])
def test_an_unlisted_origin_gets_no_headers(client, listed, origin):
    assert get_cors_headers(preflight(client, origin)) == {}
    assert get_cors_headers(client.get("/v2/auth/status", headers={"Origin": origin})) == {}


def test_a_listed_origin_can_read_refusals(client, listed, settings):
    settings.LIMITS = {**settings.LIMITS, "refused": Rate(1, 86400)}
    preflight_answer = {"Origin": LISTED, "Authorization": "Bearer a.b.c"}
    answers = [client.get("/v2/nothing", headers={"Origin": LISTED})]
    answers += [client.get("/v2/videos", headers=preflight_answer) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [404, 401, 429]
    assert {answer["Access-Control-Allow-Origin"] for answer in answers} == {LISTED}


def test_pages_have_no_cors_headers(client, listed):
    assert get_cors_headers(client.get("/account/login/", headers={"Origin": LISTED})) == {}
    assert get_cors_headers(preflight(client, LISTED, "/account/login/")) == {}


def test_no_origin_is_listed_by_default(client, settings):
    assert settings.CORS_ALLOWED_ORIGINS == []
    assert get_cors_headers(preflight(client, LISTED)) == {}
    assert get_cors_headers(client.get("/v2/auth/status", headers={"Origin": LISTED})) == {}
