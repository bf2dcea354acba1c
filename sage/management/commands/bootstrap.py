"""`manage.py bootstrap`: update the database and the static files. Safe to repeat."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from sage.pages.staticfiles import collect_if_changed
from sage.processes.private_folders import restrict_folder
from sage.signals import bootstrapped


class Command(BaseCommand):
    """Update the database and the static files, then let apps queue their startup tasks."""

    help = "Migrates the database, collects static files and queues the startup tasks of the apps."

    def handle(self, *args: Any, **options: Any) -> None:
        for folder in (settings.MEDIA_ROOT, settings.SCRATCH_DIR):  # of earlier versions, which gave access to everyone
            restrict_folder(folder, settings.FOLDER_MODE)
        call_command("migrate", interactive=False, verbosity=0)
        collect_if_changed()
        bootstrapped.send(sender=type(self))
