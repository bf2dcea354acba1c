"""Encrypt all stored secrets with the first of FERNET_KEYS: `manage.py rotate_keys`. It can be repeated safely."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import ProviderKey
from accounts.signin import mfa
from sage.models import IdempotentResponse


class Command(BaseCommand):
    help = (
        "Encrypts every stored provider key, two-step verification secret and replayed response with the first of "
        "FERNET_KEYS. Put the new key first in FERNET_KEYS, restart Sage, run this command, then remove the old keys."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        counts = (
            ProviderKey.objects.reencrypt("sealed"),
            IdempotentResponse.objects.reencrypt("ciphertext"),
            mfa.rotate_secrets(),
        )
        rotated, unreadable = (sum(each) for each in zip(*counts, strict=True))
        self.stdout.write(f"{rotated} secrets encrypted with the first of FERNET_KEYS.")
        if unreadable:
            raise CommandError(
                f"{unreadable} secrets cannot be decrypted with any of FERNET_KEYS and were not changed. Add the key "
                "that encrypted them and run this command again, or ask their owners to save them again."
            )
