"""Run benchmarks and print Markdown tables: `python -m tests.benchmarks [--full] [--tuning] [--only NAME]`."""

import argparse
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import (
    auth_cost,
    carrying,
    engine,
    interval,
    ledger,
    login,
    long,
    outside,
    page,
    queue,
    screen_text,
    speed,
    uploads,
)
from tests.benchmarks.agents import runs as agent_runs
from tests.benchmarks.chat import report as chat
from tests.benchmarks.comparisons import dense, frames, kinds, recuts, reencodes, whole
from tests.benchmarks.notes import export
from tests.benchmarks.notes import page as notes_page
from tests.benchmarks.texts import privacy, quality, search, speech, words

SITE_PARTS = ("page", "uploads", "queue", "outside", "ledger", "login", "auth", "search", "quality", "notes")
SITE_PARTS += ("agents", "chat")
PARTS = (
    *(
        "speed",
        "interval",
        "engine",
        "recuts",
        "reencodes",
        "dense",
        "kinds",
        "frames",
        "whole",
        "carrying",
        "long",
        "speech",
        "words",
        "screen_text",
        "note_export",
        "privacy",
    ),
    *SITE_PARTS,
)
QUICK = ("speed", "interval", "engine")  # what a run without --full measures


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Measure Sage and print Markdown tables."
    )
    parser.add_argument("--full", action="store_true", help="all bases and more seeds; rendering takes a while")
    parser.add_argument("--tuning", action="store_true", help="use the cases that the engine was tuned on")
    parser.add_argument("--only", choices=PARTS)
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
    parts: dict[str, Callable[[], None]] = {
        "speed": speed.report_ingest,
        "interval": interval.report,
        "engine": lambda: engine.report(
            options.full, options.tuning, options.baselines, options.bases, options.edits, options.pictures
        ),
        "recuts": lambda: recuts.report(options.full, options.tuning),
        "reencodes": lambda: reencodes.report(options.full, options.tuning),
        "kinds": lambda: kinds.report(options.full, options.tuning, options.bases, options.edits),
        "dense": lambda: dense.report(options.full, options.tuning, options.pictures),
        "frames": lambda: frames.report(options.full, options.tuning, options.edits),
        "whole": lambda: whole.report(options.full, options.tuning, options.edits, options.pictures),
        "carrying": lambda: carrying.report(options.full, options.tuning),
        "long": lambda: long.report(tuple(options.minutes), options.seed),
        "screen_text": lambda: screen_text.report(options.tuning),
        "page": page.report,
        "uploads": uploads.report,
        "queue": queue.report,
        "outside": outside.report,
        "ledger": ledger.report,
        "login": login.report,
        "auth": auth_cost.report,
        "search": search.report,
        "quality": quality.report,
        "notes": notes_page.report,
        "agents": agent_runs.report,
        "note_export": export.report,
        "chat": lambda: chat.report(options.tuning),
        "speech": speech.report,
        "words": words.report,
        "privacy": lambda: privacy.report(options.tuning),
    }
    for name in [options.only] if options.only else PARTS if options.full else QUICK:
        parts[name]()


if __name__ == "__main__":
    main()
