"""Register and authenticate users through the API, with the forms and limits of the pages."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import SignupForm
from allauth.account.models import EmailAddress
from allauth.account.utils import has_verified_email
from allauth.mfa.base.forms import AuthenticateForm
from django.conf import settings
from django.contrib.auth.models import update_last_login
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from accounts.models import User
from accounts.profile import deletion
from accounts.signin import google, mfa
from sage.errors import Conflict, Forbidden, InvalidInput, RateLimitExceeded, Unauthorized

EMAIL_TAKEN = "An account with this email address already exists. Log in instead."
WRONG_CREDENTIALS = "The email address or password is incorrect. Check both, or reset your password on the site."
LOCKOUT_SECONDS = 300  # the window in which ACCOUNT_RATE_LIMITS counts failed log-ins of one address
FIELD_NAMES = {"password1": "password"}
RULE_NAMES = {
    "required": "missing",
    "password_too_short": "too_short",
    "min_length": "too_short",
    "max_length": "too_long",
}


def register(request: HttpRequest, email: str, password: str, name: str) -> User:
    """Create an account as the sign-up page does. Send the confirmation email if addresses must be confirmed.

    Raises `InvalidInput`, `Conflict`, or `ServiceUnavailable` if the email could not be sent. Then no account is kept.
    """
    form = SignupForm({"email": email, "password1": password, "name": name})
    if not form.is_valid():
        raise _form_error(form)
    if form.account_already_exists:
        raise Conflict(EMAIL_TAKEN)
    form.hash_password()
    try:
        with transaction.atomic():
            user: User = form.save(request)
            if settings.ACCOUNT_EMAIL_VERIFICATION != "none":
                EmailAddress.objects.get(user=user).send_confirmation(request, signup=True)
    except IntegrityError as error:  # a concurrent request registered the same address
        raise Conflict(EMAIL_TAKEN) from error
    request.session.pop("account_verified_email", None)  # set by allauth; it would start a session
    return user


def authenticate_by_password(request: HttpRequest, email: str, password: str, code: str = "") -> User:
    """Return the user with this address and password. A failure takes equally long for known and unknown addresses.

    `code` is required if the account uses two-step verification. Raises `Unauthorized`, `Forbidden` or
    `RateLimitExceeded`.
    """
    try:
        user = get_adapter().authenticate(request, email=email, password=password)
    except ValidationError as error:
        raise RateLimitExceeded(str(error.message), LOCKOUT_SECONDS) from error
    if not isinstance(user, User) or not user.is_active:
        raise Unauthorized(WRONG_CREDENTIALS)
    if mfa.requires_mfa(user):
        _check_code(user, code)
    return _complete_login(user)


def authenticate_by_google(credential: str) -> User:
    """Return the user of a Google ID token. Accounts with two-step verification are rejected with `Forbidden`."""
    user = google.get_or_create_user(credential)
    if mfa.requires_mfa(user):
        raise Forbidden("This account uses two-step verification. Log in with its password and a code.")
    return _complete_login(user)


def _check_code(user: User, code: str) -> None:
    """Check a code of the authenticator app or a recovery code. Each code works once."""
    if not code:
        raise Unauthorized("This account uses two-step verification. Send the code as “code”.")
    form = AuthenticateForm({"code": code}, user=user)
    if not form.is_valid():
        error = form.errors.as_data()["code"][0]
        if error.code == "too_many_login_attempts":
            raise RateLimitExceeded(str(error.message), LOCKOUT_SECONDS)
        raise Unauthorized("This code is incorrect. Wait for the next code, then try again.")
    form.authenticator.record_usage()


def _complete_login(user: User) -> User:
    """Finish the login, unless the email address is unverified.

    A login cancels a requested deletion of the account, as it does on the pages.
    """
    if settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory" and not has_verified_email(user):
        raise Forbidden("Confirm your email address first: log in on the site and open the link in the email.")
    deletion.cancel_deletion(user)
    update_last_login(User, user)
    return user


def _form_error(form: SignupForm) -> Conflict | InvalidInput:
    """Return the errors of the form, each with its field and rule."""
    details = []
    for field, errors in form.errors.as_data().items():
        for error in errors:
            if error.code == "email_taken":
                return Conflict(EMAIL_TAKEN)
            name, rule = FIELD_NAMES.get(field, field), str(error.code or "invalid")
            message = " ".join(error.messages)
            details.append({"field": name, "message": message, "type": RULE_NAMES.get(rule, rule)})
    return InvalidInput(details[0]["message"], details)
