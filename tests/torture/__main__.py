"""`python -m tests.torture [--seed N] [--only NAME …] [--slice]`: every trial, what it did, what it found.

Exits with 1 on any breach.
"""

import argparse
import importlib
import pkgutil
import sys
import traceback

from tests.torture import trials
from tests.torture.trial import Trial

NAMES = sorted(module.name for module in pkgutil.iter_modules(trials.__path__))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description="Break everything; lose nothing.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--slice", action="store_true", help="only as much as every test run does")
    options = parser.parse_args()
    failed = [name for name in options.only if not attempt(name, options.seed, whole=not options.slice)]
    print("Nothing was lost." if not failed else f"Breached: {', '.join(failed)}.", flush=True)  # noqa: T201
    return 1 if failed else 0


def attempt(name: str, seed: int, whole: bool) -> bool:
    """Run one trial to its end; whether nothing was breached."""
    module = importlib.import_module(f"tests.torture.trials.{name}")
    trial = Trial(name, seed, whole)
    trial.say(f"{(module.__doc__ or name).splitlines()[0]} (seed {seed})")
    try:
        module.run(trial)
    except Exception:  # noqa: BLE001 - whatever broke the trial is a breach, and the next one is still worth its time
        trial.check(False, traceback.format_exc())
    finally:
        trial.clear_up()
    trial.say(f"{len(trial.breaches)} breaches")
    return not trial.breaches


if __name__ == "__main__":
    sys.exit(main())
