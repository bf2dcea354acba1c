"""The site works while Redis is unavailable."""

import pytest
from django.core.cache import cache

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def without_redis(settings, monkeypatch):
    """Point Redis to an address at which no server listens."""
    monkeypatch.setattr("sage.cache._last_logged", [float("-inf")])
    settings.REDIS_URL = "unix:///nowhere/valkey.sock"
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": settings.REDIS_URL}}


def test_users_sign_up_log_in_and_out_without_redis(client, without_redis):
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


def test_an_unavailable_cache_is_empty(without_redis, caplog):
    assert cache.add("a", 1) is True
    cache.set("a", 1)
    assert cache.get("a", "nothing") == "nothing"
    assert cache.get_many(["a"]) == {}
    assert cache.has_key("a") is False
    assert cache.delete("a") is False
    assert "Redis is unavailable" in caplog.text
