"""What a person fills in about their addresses; apart, since allauth's own forms are made of `accounts.forms`."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import AddEmailForm
from allauth.account.internal.userkit import filter_users_by_email
from django.conf import settings


class AddressForm(AddEmailForm):
    """One more address. Where none has to be confirmed, that of another account is nobody else's to take."""

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if settings.ACCOUNT_EMAIL_VERIFICATION != "mandatory" and filter_users_by_email(email):
            raise get_adapter().validation_error("email_taken")
        return email
