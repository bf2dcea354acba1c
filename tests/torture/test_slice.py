"""The slice of the torture that every test run holds. `make torture` holds the whole."""

import importlib
from functools import cache

import pytest

from tests.torture.__main__ import NAMES
from tests.torture.house import House
from tests.torture.trial import Trial

pytestmark = pytest.mark.timeout(600)
SEED = 1


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One house for all the trials that bring nothing of their own, built when the first of them asks."""
    built = []

    @cache
    def build() -> House:
        built.append(House(tmp_path_factory.mktemp("torture") / "house"))
        return built[0].build()

    yield build
    for house in built:
        house.pull_down()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_lost(name, shared):
    trial = Trial(name, SEED, whole=False, shared=shared)
    try:
        importlib.import_module(f"tests.torture.trials.{name}").run(trial)
    finally:
        trial.clear_up()

    assert not trial.breaches, "\n".join(trial.lines)
