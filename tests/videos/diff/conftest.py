"""Fixtures of the engine's tests."""

import pytest


@pytest.fixture(autouse=True)
def _single_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare in this process: the tests use all cores already, and copies of their large processes take long."""
    monkeypatch.setattr("videos.diff.parallel.MAX_PROCESSES", 1)
