"""Run benchmarks and print Markdown tables: `python -m tests.benchmarks [--full] [--tuning] [--only NAME]`."""

import argparse
from pathlib import Path

from tests.benchmarks import auth_cost, engine, interval, ledger, login, long, page, queue, speed, uploads


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Measure Sage and print Markdown tables."
    )
    parser.add_argument("--full", action="store_true", help="all bases and more seeds; rendering takes a while")
    parser.add_argument("--tuning", action="store_true", help="use the cases that the engine was tuned on")
    parts = ("engine", "speed", "interval", "long", "page", "uploads", "queue", "ledger", "auth", "login")
    parser.add_argument("--only", choices=parts)
    parser.add_argument("--minutes", type=int, nargs="+", default=long.MINUTES, help="lengths of the long films")
    parser.add_argument("--seed", type=int, default=long.TUNING_SEED, help="of the long films; 1 is only for reporting")
    parser.add_argument(
        "--baselines", action=argparse.BooleanOptionalAction, default=True, help="measure the baseline methods too"
    )
    parser.add_argument("--bases", nargs="+", default=(), help="only these bases of the generated edits")
    parser.add_argument("--edits", nargs="+", default=(), help="only these kinds of edit")
    parser.add_argument("--pictures", type=Path, help="a folder for a picture of each case with a wrong result")
    options = parser.parse_args()
    if options.pictures:
        options.pictures.mkdir(parents=True, exist_ok=True)
    if options.only in (None, "speed"):
        speed.report_ingest()
    if options.only in (None, "interval"):
        interval.report()
    if options.only in (None, "engine"):
        engine.report(options.full, options.tuning, options.baselines, options.bases, options.edits, options.pictures)
    if options.only == "long" or (options.full and options.only is None):
        long.report(tuple(options.minutes), options.seed)
    if options.only == "page" or (options.full and options.only is None):
        page.report()
    if options.only == "uploads" or (options.full and options.only is None):
        uploads.report()
    if options.only == "queue" or (options.full and options.only is None):
        queue.report()
    if options.only == "ledger" or (options.full and options.only is None):
        ledger.report()
    if options.only == "login" or (options.full and options.only is None):
        login.report()
    if options.only == "auth" or (options.full and options.only is None):
        auth_cost.report()


if __name__ == "__main__":
    main()
