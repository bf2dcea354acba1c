"""`manage.py web`: the web server alone. `manage.py up` starts it together with the rest."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Serves the site at HOST and PORT until it is told to stop."

    def handle(self, *args: Any, **options: Any) -> None:
        from sage.web import serve  # brings in Twisted's event loop, which no other command wants

        serve(settings.HOST, settings.PORT)
