import pytest
from django.core.cache import cache

from sage import health

pytestmark = pytest.mark.django_db


def test_the_site_is_healthy_when_all_checks_pass(client):
    cache.set_many({health.heartbeat_of(queue): "a worker" for queue in ("medium", "high")}, 15)

    answer = client.get("/health")

    assert answer.status_code == 200
    assert set(answer.json()) == {"status", "version", "uptime_seconds", "timestamp", "checks"}
    assert set(answer.json()["checks"].values()) == {"ok"}


def test_without_a_worker_the_site_is_unhealthy(client):
    answer = client.get("/health")

    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": "ok", "cache": "ok", "storage": "ok", "workers": "failed"}


def test_a_missing_queue_is_reported_after_the_start_period(client, monkeypatch):
    cache.set(health.heartbeat_of("medium"), "a worker", 15)
    monkeypatch.setattr(health, "STARTED", health.STARTED - health.START_SECONDS)

    assert client.get("/health").json()["checks"]["workers"] == "failed"
    cache.set(health.heartbeat_of("high"), "a worker", 15)
    assert client.get("/health").json()["checks"]["workers"] == "ok"


def test_a_storage_failure_is_reported_without_its_reason(client, settings, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(health.storage, "root", tmp_path / "file")

    answer = client.get("/health")

    assert answer.json()["checks"]["storage"] == "failed"
    assert b"file" not in answer.content.replace(b"failed", b"")
