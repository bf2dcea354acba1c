"""`manage.py rotate_keys`: seal every secret that is stored with the first of FERNET_KEYS. Harmless to repeat."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import second_step
from accounts.models import Answer, ProviderKey


class Command(BaseCommand):
    help = (
        "Seals every stored provider key, every secret of a second step and every answer that is kept for a day with "
        "the first of FERNET_KEYS. Put a new key before the old ones, restart Sage, run this, then take the old ones "
        "away."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        counts = (ProviderKey.objects.reseal(), Answer.objects.reseal(), second_step.reseal())
        done, lost = (sum(each) for each in zip(*counts, strict=True))
        self.stdout.write(f"{done} sealed with the first of FERNET_KEYS.")
        if lost:
            raise CommandError(
                f"{lost} cannot be read with any of FERNET_KEYS and were left as they are. Add the key that they were "
                "sealed with, then run this again; or their owners save them once more."
            )
