"""Grant tokens to a user: `manage.py grant EMAIL TOKENS --reason …`."""

import uuid
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing import ledger


class Command(BaseCommand):
    help = "Grants tokens to a user. One token pays for one second of video."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("tokens", type=int)
        parser.add_argument("--reason", required=True, help="Shown to the user under Plan and usage.")
        parser.add_argument("--reference", default="", help="A second grant with the same reference is ignored.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["tokens"] <= 10**12:
            raise CommandError("Enter a whole number of tokens of at least 1.")
        if len(options["reason"]) > 200:
            raise CommandError("Enter a reason of at most 200 characters.")
        user = get_user_model().objects.filter(email__iexact=options["email"]).first()
        if user is None:
            raise CommandError(f"No user has the email address {options['email']}.")
        reference = f"grant:{options['reference'] or uuid.uuid4()}"
        try:
            ledger.grant(user.pk, options["tokens"], options["reason"], reference)
        except ledger.ReferenceInUse as error:
            raise CommandError("This reference was used for another user. Choose another one.") from error
        balance = ledger.balance(user.pk).token_balance
        self.stdout.write(f"{user.email} now has {balance:,} tokens.")
