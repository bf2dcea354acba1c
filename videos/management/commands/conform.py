"""`manage.py conform A B FILE`: write a file with times of video A with the times of video B.

Like `manage.py compare`, it needs no database, account or server. The exit status is 0, or 2 after an error.
"""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sage.errors import ApplicationError
from videos.comparisons.conform import ConformedFile
from videos.conform.conforming import FORMATS, MAX_BYTES, conform
from videos.conform.timecode import build_reel
from videos.diff.script.time_mapping import TimeMapping
from videos.management.commands.compare import ProgressBar, parse_threshold
from videos.media.errors import MediaError
from videos.media.probe import probe_video
from videos.processing.analysis import compare_files

TROUBLE = 2


class Command(BaseCommand):
    help = "Writes subtitles, markers, an EDL or a timeline of video A with the times of video B."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("a", metavar="A", help="The video before the changes.")
        parser.add_argument("b", metavar="B", help="The video after the changes.")
        parser.add_argument(
            "file", metavar="FILE", help="SubRip, WebVTT, CSV, JSON markers, an EDL or an OTIO timeline."
        )
        parser.add_argument("--to", choices=FORMATS, default="", help="The output format (default: that of the file).")
        parser.add_argument("--output", type=Path, help="The file to write (default: standard output).")
        parser.add_argument("--report", action="store_true", help="Print what became of each item as JSON instead.")
        parser.add_argument(
            "--threshold", type=parse_threshold, help="The distance from which footage counts as changed."
        )

    def handle(self, *args: object, **options: Any) -> None:
        """Compare the videos, write the file, and print the counts to standard error."""
        bar = ProgressBar(sys.stderr.isatty())
        try:
            with Path(options["file"]).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
            compared = compare_files(options["a"], options["b"], regions=False, progress=bar.show)
            mapping = TimeMapping(compared.script, options["threshold"])
            a, b = (
                build_reel(rate, probe_video(options[side]).timecode)
                for rate, side in zip(compared.rates, "ab", strict=True)
            )
            conformed = conform(data, mapping, (a, b), options["to"], Path(options["b"]).stem)
            bar.clear()
            text = conformed.text
            if options["report"]:
                text = json.dumps(ConformedFile("", conformed).describe_items(), ensure_ascii=False, indent=1) + "\n"
            if options["output"]:
                options["output"].write_text(text, encoding="utf-8")
            else:
                self.stdout.write(text, ending="")
        except (MediaError, OSError, ApplicationError) as error:
            bar.clear()
            raise CommandError(str(error), returncode=TROUBLE) from error
        self.stderr.write(conformed.counts)
