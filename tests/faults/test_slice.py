"""Run a seeded slice of the fault scenarios. `make faults` runs all of them."""

import importlib
from functools import cache

import pytest

from tests.faults.__main__ import NAMES
from tests.faults.scenario import Scenario
from tests.faults.site import FaultSite

pytestmark = pytest.mark.timeout(600)
SEED = 1


@pytest.fixture(scope="module")
def build_shared_site(tmp_path_factory):
    """Return a function that builds the site that scenarios share."""
    built = []

    @cache
    def build() -> FaultSite:
        built.append(FaultSite(tmp_path_factory.mktemp("faults") / "site"))
        return built[0].build()

    yield build
    for site in built:
        site.tear_down()


@pytest.mark.parametrize("name", NAMES)
def test_no_data_is_lost(name, build_shared_site):
    scenario = Scenario(name, SEED, whole=False, shared=build_shared_site)
    try:
        importlib.import_module(f"tests.faults.scenarios.{name}").run(scenario)
    finally:
        scenario.clean_up()

    assert not scenario.failures, "\n".join(scenario.lines)
