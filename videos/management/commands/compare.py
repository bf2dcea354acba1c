"""`manage.py compare A B`: compare two video files without a database, an account or a server.

The exit status is that of diff: 0 if the videos are the same, 1 if they differ, 2 after an error.
"""

import json
import os
import sys
from argparse import ArgumentTypeError, BooleanOptionalAction
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from videos.diff.export import FORMATS, Side, Subject, export
from videos.diff.export.data import plain_segments
from videos.diff.script import wording
from videos.diff.script.rethreshold import MAX_THRESHOLD, MIN_THRESHOLD, rethreshold
from videos.diff.script.stored import ShownScript, StoredRegion
from videos.media.errors import MediaError
from videos.processing.analysis import Compared, compare_files

THRESHOLD_TOLERANCE, DIFFERENT, TROUBLE, INTERRUPTED = 0, 1, 2, 130
JSON_KEYS = ("duration_a", "duration_b", "transforms", "segments")
BAR_WIDTH = 30


class Command(BaseCommand):
    help = "Shows the differences between video A and video B, segment by segment."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("a", metavar="A", help="The video before the changes.")
        parser.add_argument("b", metavar="B", help="The video after the changes.")
        parser.add_argument(
            "--format",
            choices=("table", *FORMATS),
            default="table",
            help="The output format (default: table).",
        )
        parser.add_argument("--json", action="store_true", help="Print a short JSON object.")
        parser.add_argument(
            "--interval",
            choices=("cosine", "euclidean"),
            metavar="METRIC",
            help="Compare intervals of 2 s at the same times instead of by content: cosine or euclidean.",
        )
        parser.add_argument(
            "--threshold",
            type=parse_threshold,
            help=f"The distance from which a segment counts as changed, {MIN_THRESHOLD} to {MAX_THRESHOLD} "
            "(default: calibrated for the two videos).",
        )
        parser.add_argument(
            "--regions", action=BooleanOptionalAction, default=True, help="Show where in the frame each change is."
        )

    def run_from_argv(self, argv: list[str]) -> None:
        """Run the command. A closed pipe is not an error, and a keyboard interrupt exits with status 130."""
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
        bar = ProgressBar(sys.stderr.isatty())
        metric = options["interval"]
        try:
            compared = compare_files(
                options["a"],
                options["b"],
                intervals=metric and (metric, settings.COMPARISON_INTERVAL_THRESHOLD),
                regions=options["regions"],
                progress=bar.show,
            )
        except (MediaError, OSError) as error:
            bar.clear()
            self.stderr.write(str(error))
            self._exit(TROUBLE)
        bar.clear()
        shown = rethreshold(compared.script, options["threshold"])
        self.stdout.write(_render(shown, compared, options), ending="")
        if shown["differing_segments"]:
            self._exit(DIFFERENT)

    def _exit(self, code: int) -> NoReturn:
        self.stdout.flush()
        sys.exit(code)


def parse_threshold(text: str) -> float:
    """Return the threshold of an argument. Raises `ArgumentTypeError`."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not MIN_THRESHOLD <= value <= MAX_THRESHOLD:
        raise ArgumentTypeError(f"the threshold must be from {MIN_THRESHOLD} to {MAX_THRESHOLD}")
    return value


def _render(shown: ShownScript, compared: Compared, options: dict[str, Any]) -> str:
    if options["json"]:
        return (
            json.dumps(
                {key: value for key, value in shown.items() if key in JSON_KEYS} | {"segments": plain_segments(shown)}
            )
            + "\n"
        )
    if options["format"] == "table":
        return _render_table(shown) + "\n"
    a, b = (
        Side(Path(options[name]).name, options[name], rate) for name, rate in zip("ab", compared.rates, strict=True)
    )
    return export(shown, options["format"], Subject(a, b)).text


def _render_table(script: ShownScript) -> str:
    segments = script["segments"]
    hours = max(script["duration_a"], script["duration_b"]) >= 3600
    rows = [("", "A", "B", "severity", "kind", "where")]
    for segment in segments:
        spans = (_format_span(segment["a"], hours), _format_span(segment["b"], hours))
        kind = (segment.get("kind") or "").replace("_", " ")
        where = _describe_regions(segment["regions"])
        rows.append((segment["op"], *spans, segment["severity"] or "", kind, where))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    share, differing = script["similarity_percent"], script["differing_segments"]
    count = f"{differing} difference" + ("" if differing == 1 else "s")
    whole = [f"{wording.transform(each)}." for each in script["transforms"]]
    return "\n".join([*lines, "", *whole, f"{share:g} % same, {count}."])


def format_clock(seconds: float, hours: bool) -> str:
    """Format seconds as m:ss.mmm, or as h:mm:ss.mmm."""
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    tail = f"{rest // 1000:02d}.{rest % 1000:03d}"
    return f"{minutes // 60}:{minutes % 60:02d}:{tail}" if hours else f"{minutes}:{tail}"


def _format_span(span: list[float] | None, hours: bool) -> str:
    return "-" if span is None else f"{format_clock(span[0], hours)} - {format_clock(span[1], hours)}"


def _describe_regions(regions: list[StoredRegion]) -> str:
    """Describe each region as width x height at left, top, in percent of the frame."""
    return "; ".join(
        f"{region['width']:.0%} x {region['height']:.0%} at {region['x']:.0%}, {region['y']:.0%}" for region in regions
    )


class ProgressBar:
    """A progress bar on standard error, shown if that is a terminal."""

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
