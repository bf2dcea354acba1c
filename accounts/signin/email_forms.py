"""Form for email addresses. It is a module of its own because allauth's forms import `accounts.forms`."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import AddEmailForm
from allauth.account.internal.userkit import filter_users_by_email
from django.conf import settings


class EmailAddressForm(AddEmailForm):
    """Add an email address. Without mandatory verification, an address of another account is rejected."""

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if settings.ACCOUNT_EMAIL_VERIFICATION != "mandatory" and filter_users_by_email(email):
            raise get_adapter().validation_error("email_taken")
        return email
