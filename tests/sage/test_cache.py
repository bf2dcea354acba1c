"""While Redis is away nothing is remembered, and nothing breaks."""

import pytest
from django.core.cache import cache

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def redis_away(settings, monkeypatch):
    """Nobody listens where Redis should."""
    monkeypatch.setattr("sage.cache._said", [float("-inf")])
    settings.REDIS_URL = "unix:///nowhere/valkey.sock"
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": settings.REDIS_URL}}


def test_people_sign_up_log_in_and_out_while_redis_is_away(client, redis_away):
    form = {"name": "Carol", "email": "carol@example.org", "password1": PASSWORD}
    assert client.post("/account/signup/", form).status_code == 302
    assert client.get("/library/").status_code == 200
    assert client.post("/account/logout/").status_code == 302
    assert client.get("/library/").status_code == 302

    assert client.post("/account/login/", {"login": "carol@example.org", "password": PASSWORD}).status_code == 302

    assert client.get("/library/").status_code == 200
    assert client.get("/account/keys/").status_code == 200
    wanted = {"email": "carol@example.org", "password": PASSWORD}
    assert client.post("/v2/auth/login", wanted, "application/json").json()["token"]
    assert client.get("/health").json()["checks"]["cache"] == "failed"


def test_a_cache_that_is_away_forgets(redis_away, caplog):
    assert cache.add("a", 1) is True
    cache.set("a", 1)
    assert cache.get("a", "nothing") == "nothing"
    assert cache.get_many(["a"]) == {}
    assert cache.has_key("a") is False
    assert cache.delete("a") is False
    assert "Redis is away" in caplog.text
