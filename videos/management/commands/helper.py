"""`manage.py helper`: an outside worker that does the tasks of a Sage site on another machine.

It speaks HTTP only. Django reads its settings before each command, which opens no database and starts no server, so
the command runs without DATABASE_URL, and without access to the site's database.
"""

import logging
import os
import signal
import threading
from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from videos.youtube.helper import Helper, SiteRefused, list_task_names


class Command(BaseCommand):
    """Run an outside worker until it is stopped."""

    help = "Fetches from YouTube and writes AI notes for a Sage site, which may run on another machine."
    requires_system_checks = []  # those check the machine of a site

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", required=True, help="The address of the site, such as https://sage.example.org.")
        parser.add_argument(
            "--token", default="", help="The ADMIN_TOKEN of the site. Default: the environment variable ADMIN_TOKEN."
        )
        parser.add_argument(
            "--type",
            action="append",
            choices=list_task_names(),
            dest="types",
            help="Only this type. Default: all types.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        address, token = options["url"], options["token"] or os.environ.get("ADMIN_TOKEN", "")
        if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).hostname:
            raise CommandError("Give the address of the site with http:// or https://.")
        if not token:
            raise CommandError("Give the ADMIN_TOKEN of the site with --token, or in the environment.")
        types = tuple(options["types"] or list_task_names())
        helper = Helper(address, token, types, settings.YOUTUBE_GATEWAY)
        logging.getLogger("videos.youtube.helper").setLevel(logging.INFO)
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: helper.stop())
        self.stdout.write(f"Waiting for tasks ({', '.join(types)}) of {address}. Stop with Ctrl+C.")
        try:
            helper.run()
        except SiteRefused as error:
            raise CommandError(f"The site refused the request. {error}") from error
        self.stdout.write("Stopped.")
