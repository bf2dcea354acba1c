"""The slice of the torture that every test run holds. `make torture` holds the whole."""

import importlib

import pytest

from tests.torture.__main__ import NAMES
from tests.torture.trial import Trial

pytestmark = [pytest.mark.xdist_group("sites"), pytest.mark.timeout(600)]
SEED = 1


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_lost(name):
    trial = Trial(name, SEED, whole=False)
    try:
        importlib.import_module(f"tests.torture.trials.{name}").run(trial)
    finally:
        trial.clear_up()

    assert not trial.breaches, "\n".join(trial.lines)
