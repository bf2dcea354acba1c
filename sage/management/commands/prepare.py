"""`manage.py prepare`: bring the database and the static files up to this version. Harmless to repeat."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from sage.static import collect_if_changed
from videos import demo
from videos.tasks import prepare_demo, reread


class Command(BaseCommand):
    help = (
        "Migrates the database, collects static files, and queues the front page's demonstration where it is missing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        collect_if_changed()
        if demo.is_wanted():
            prepare_demo.delay()
        reread.delay()  # a new version may read videos in a new way
