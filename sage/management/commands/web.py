"""`manage.py web`: run the web server only. `manage.py up` starts it together with all other processes."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Runs the web server at HOST and PORT until SIGTERM or Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        from sage.processes.server import serve  # starts Twisted's event loop, which no other command needs

        serve(settings.HOST, settings.PORT)
