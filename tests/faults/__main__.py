"""Run fault scenarios and print their logs: `python -m tests.faults [--seed N] [--only NAME …] [--slice]`.

The exit status is 1 if a scenario failed.
"""

import argparse
import importlib
import pkgutil
import sys
import traceback

from tests.faults import scenarios
from tests.faults.scenario import Scenario

NAMES = sorted(module.name for module in pkgutil.iter_modules(scenarios.__path__))


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults", description="Inject faults into a running site and check that no data is lost."
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--slice", action="store_true", help="run only the part that `make test` runs")
    options = parser.parse_args()
    failed = [name for name in options.only if not run_scenario(name, options.seed, whole=not options.slice)]
    print("No data was lost." if not failed else f"Failed: {', '.join(failed)}.", flush=True)  # noqa: T201
    return 1 if failed else 0


def run_scenario(name: str, seed: int, whole: bool) -> bool:
    """Run one scenario and return whether it passed."""
    module = importlib.import_module(f"tests.faults.scenarios.{name}")
    scenario = Scenario(name, seed, whole)
    scenario.log(f"{(module.__doc__ or name).splitlines()[0]} (seed {seed})")
    try:
        module.run(scenario)
    except Exception:  # noqa: BLE001 - any error is a failure, and the other scenarios still run
        scenario.check(False, traceback.format_exc())
    finally:
        scenario.clean_up()
    scenario.log(f"{len(scenario.failures)} failures")
    return not scenario.failures


if __name__ == "__main__":
    sys.exit(main())
