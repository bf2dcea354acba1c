"""`manage.py grant EMAIL TOKENS --reason …`: give somebody tokens."""

import uuid
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing import ledger


class Command(BaseCommand):
    help = "Grant tokens to the person with this address. One token pays for one second of video."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("tokens", type=int)
        parser.add_argument("--reason", required=True, help="what for; the person reads it under Plan and usage")
        parser.add_argument("--reference", default="", help="the same one again grants nothing more")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["tokens"] <= 10**12:
            raise CommandError("Grant a whole number of tokens, from 1 on.")
        if len(options["reason"]) > 200:
            raise CommandError("Give a reason of at most 200 characters.")
        user = get_user_model().objects.filter(email__iexact=options["email"]).first()
        if user is None:
            raise CommandError(f"There is nobody with the address {options['email']}.")
        reference = f"grant:{options['reference'] or uuid.uuid4()}"
        try:
            ledger.grant(user.pk, options["tokens"], options["reason"], reference)
        except ledger.ReferenceTaken as error:
            raise CommandError("This reference was used for somebody else. Choose another one.") from error
        left = ledger.balance(user.pk).token_balance
        self.stdout.write(f"{user.email} has {left:,} tokens now.")
