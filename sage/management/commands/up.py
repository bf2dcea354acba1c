"""`manage.py up`: run all processes of Sage on one machine."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sage.processes.embedded import EmbeddedServerError
from sage.processes.supervisor import Supervisor


class Command(BaseCommand):
    help = "Starts the embedded servers, migrates the database, then runs web, workers and beat until Ctrl-C."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        name = settings.ALLOWED_HOSTS[0].lstrip(".").replace("*", "localhost")
        threads = settings.WORKER_THREADS, settings.PRIORITY_THREADS
        supervisor = Supervisor(settings.EMBEDDED, settings.HOST, settings.PORT, name, *threads)
        try:
            supervisor.run()
        except EmbeddedServerError as error:
            raise CommandError(str(error)) from error
        sys.stdout.flush()
        os._exit(0)  # all processes have ended; unloading Django would delay the end by up to two seconds
