"""`manage.py up`: everything that one machine needs to run Sage, under one supervisor."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sage.stack import StackError
from sage.supervisor import Supervisor


class Command(BaseCommand):
    help = "Starts the embedded servers, migrates, then runs web, worker and beat until Ctrl-C."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        name = settings.ALLOWED_HOSTS[0].lstrip(".").replace("*", "localhost")
        supervisor = Supervisor(settings.EMBEDDED, settings.HOST, settings.PORT, name, settings.WORKER_THREADS)
        try:
            supervisor.run()
        except StackError as error:
            raise CommandError(str(error)) from error
