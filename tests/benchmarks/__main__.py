"""`python -m tests.benchmarks [--full] [--tuning] [--only NAME]`: tables in Markdown."""

import argparse
from pathlib import Path

from tests.benchmarks import doors, engine, interval, ledger, login, long, page, queue, speed, uploads


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure the comparison engine.")
    parser.add_argument("--full", action="store_true", help="all bases and more seeds; rendering them takes a while")
    parser.add_argument("--tuning", action="store_true", help="the cases that the engine was tuned on")
    parts = ("engine", "speed", "interval", "long", "page", "uploads", "queue", "ledger", "doors", "login")
    parser.add_argument("--only", choices=parts)
    parser.add_argument("--minutes", type=int, nargs="+", default=long.MINUTES, help="lengths of the long films")
    parser.add_argument(
        "--seed", type=int, default=long.TUNING_SEED, help="of the long films; 1 is for reporting alone"
    )
    parser.add_argument(
        "--rivals", action=argparse.BooleanOptionalAction, default=True, help="measure simpler rules as well"
    )
    parser.add_argument("--bases", nargs="+", default=(), help="only these bases of the generated edits")
    parser.add_argument("--edits", nargs="+", default=(), help="only these kinds of edit")
    parser.add_argument(
        "--pictures", type=Path, help="a folder for a picture of each generated edit that is told wrong"
    )
    options = parser.parse_args()
    if options.pictures:
        options.pictures.mkdir(parents=True, exist_ok=True)
    if options.only in (None, "speed"):
        speed.report_ingest()
    if options.only in (None, "interval"):
        interval.report()
    if options.only in (None, "engine"):
        engine.report(options.full, options.tuning, options.rivals, options.bases, options.edits, options.pictures)
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
    if options.only == "doors" or (options.full and options.only is None):
        doors.report()


if __name__ == "__main__":
    main()
