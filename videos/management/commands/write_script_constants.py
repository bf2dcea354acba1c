"""`manage.py write_script_constants`: write the constants that JavaScript shares with Python."""

from django.core.management.base import BaseCommand

from videos.comparisons.script_constants import PATH, render_constants


class Command(BaseCommand):
    help = "Writes the JavaScript module with the constants that the comparison page shares with Python."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def handle(self, *args: object, **options: object) -> None:
        PATH.write_text(render_constants())
        self.stdout.write(f"Wrote {PATH}.")
