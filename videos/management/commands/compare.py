"""`manage.py compare A B`: how two video files differ, without a database, an account or a server.

Exits like diff: 0 where they are the same, 1 where they differ, 2 in trouble.
"""

import json
import os
import sys
from argparse import ArgumentTypeError, BooleanOptionalAction
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from videos.analysis import Compared, compare_files
from videos.diff import words
from videos.diff.export import FORMATS, Side, Subject, export
from videos.diff.export.data import plain_segments
from videos.diff.recut import LEAST, MOST, recut
from videos.media.errors import MediaError

SAME, DIFFERENT, TROUBLE, INTERRUPTED = 0, 1, 2, 130
JSON_KEYS = ("duration_a", "duration_b", "transforms", "segments")
BAR_WIDTH = 30


class Command(BaseCommand):
    help = "Show how video B differs from video A, segment by segment."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("a", metavar="A", help="the first video, as it was")
        parser.add_argument("b", metavar="B", help="the second video, as it is now")
        parser.add_argument(
            "--format",
            choices=("table", *FORMATS),
            default="table",
            help="what to print; a table unless told otherwise",
        )
        parser.add_argument("--json", action="store_true", help="print one small JSON object")
        parser.add_argument(
            "--interval",
            choices=("cosine", "euclidean"),
            metavar="METRIC",
            help="compare every 2 s at the same times instead of by content, by cosine or euclidean distance",
        )
        parser.add_argument(
            "--threshold",
            type=_threshold,
            help=f"the distance that counts, {LEAST} to {MOST}, instead of the pair's own",
        )
        parser.add_argument(
            "--regions", action=BooleanOptionalAction, default=True, help="say where in the frame a change is"
        )

    def run_from_argv(self, argv: list[str]) -> None:
        """As Django does, but a wrong argument is trouble like any other, and a closed pipe is none."""
        try:
            super().run_from_argv(argv)
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(DIFFERENT)
        except KeyboardInterrupt:
            sys.stderr.write("\nStopped.\n")
            sys.exit(INTERRUPTED)

    def handle(self, *args: object, **options: Any) -> None:
        bar = _Bar(sys.stderr.isatty())
        metric = options["interval"]
        try:
            compared = compare_files(
                options["a"],
                options["b"],
                intervals=metric and (metric, settings.COMPARISON_INTERVAL_THRESHOLD),
                regions=options["regions"],
                progress=bar.show,
            )
        except (MediaError, OSError) as problem:
            bar.clear()
            self.stderr.write(str(problem))
            self._leave(TROUBLE)
        bar.clear()
        shown = recut(compared.script, options["threshold"])
        self.stdout.write(_written(shown, compared, options), ending="")
        if shown["differing_segments"]:
            self._leave(DIFFERENT)

    def _leave(self, code: int) -> NoReturn:
        self.stdout.flush()
        sys.exit(code)


def _threshold(said: str) -> float:
    try:
        value = float(said)
    except ValueError:
        value = 0.0
    if not LEAST <= value <= MOST:
        raise ArgumentTypeError(f"a threshold lies between {LEAST} and {MOST}")
    return value


def _written(shown: dict[str, Any], compared: Compared, options: dict[str, Any]) -> str:
    if options["json"]:
        return json.dumps({key: shown[key] for key in JSON_KEYS} | {"segments": plain_segments(shown)}) + "\n"
    if options["format"] == "table":
        return _as_table(shown) + "\n"
    sides = [
        Side(Path(options[name]).name, options[name], rate) for name, rate in zip("ab", compared.rates, strict=True)
    ]
    return export(shown, options["format"], Subject(*sides)).text


def _as_table(script: dict[str, Any]) -> str:
    segments = script["segments"]
    hours = max(script["duration_a"], script["duration_b"]) >= 3600
    rows = [("", "A", "B", "severity", "where")]
    for segment in segments:
        spans = (_span(segment["a"], hours), _span(segment["b"], hours))
        rows.append((segment["op"], *spans, segment["severity"] or "", _where(segment["regions"])))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    share, differing = script["similarity_percent"], script["differing_segments"]
    count = f"{differing} difference" + ("" if differing == 1 else "s")
    whole = [f"{words.transform(each)}." for each in script["transforms"]]
    return "\n".join([*lines, "", *whole, f"{share:g} % the same, {count}."])


def clock(seconds: float, hours: bool) -> str:
    """m:ss.mmm, or h:mm:ss.mmm."""
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    tail = f"{rest // 1000:02d}.{rest % 1000:03d}"
    return f"{minutes // 60}:{minutes % 60:02d}:{tail}" if hours else f"{minutes}:{tail}"


def _span(span: list[float] | None, hours: bool) -> str:
    return "-" if span is None else f"{clock(span[0], hours)} - {clock(span[1], hours)}"


def _where(regions: list[dict[str, float]]) -> str:
    """Each box as width x height at left, top, in percent of the frame."""
    return "; ".join(
        f"{region['width']:.0%} x {region['height']:.0%} at {region['x']:.0%}, {region['y']:.0%}" for region in regions
    )


class _Bar:
    """A progress bar on standard error, where that is a terminal."""

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted
        self._shown = ""

    def show(self, share: float) -> None:
        line = f"\r[{'#' * int(share * BAR_WIDTH):<{BAR_WIDTH}}] {share:4.0%}"
        if self._wanted and line != self._shown:
            sys.stderr.write(line)
            sys.stderr.flush()
            self._shown = line

    def clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r" + " " * (BAR_WIDTH + 8) + "\r")
            sys.stderr.flush()
