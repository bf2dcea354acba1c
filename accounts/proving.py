"""Joining and proving who one is through the API, by the same forms and limits as the pages have."""

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

from accounts import deletion, google, second_step
from accounts.models import User
from sage.errors import Conflict, Forbidden, Invalid, RateLimited, Unauthorized

TAKEN = "An account with this address exists already. Log in instead."
WRONG = "The address or the password is not right. Check both, or reset the password on the site."
LOCKED_SECONDS = 300  # as long as ACCOUNT_RATE_LIMITS counts failed log-ins of one address
FIELDS = {"password1": "password"}
RULES = {"required": "missing", "password_too_short": "too_short", "min_length": "too_short", "max_length": "too_long"}


def register(request: HttpRequest, email: str, password: str, name: str) -> User:
    """Open an account as the page for it does. Where addresses are to be confirmed, the mail for that goes out.

    Raises `Invalid`, `Conflict`, or `Unavailable` where that mail could not be sent; then there is no account either.
    """
    form = SignupForm({"email": email, "password1": password, "name": name})
    if not form.is_valid():
        raise _refusal(form)
    if form.account_already_exists:
        raise Conflict(TAKEN)
    try:
        with transaction.atomic():
            user: User = form.save(request)
            if settings.ACCOUNT_EMAIL_VERIFICATION != "none":
                EmailAddress.objects.get(user=user).send_confirmation(request, signup=True)
    except IntegrityError as error:  # of two at the same time the second
        raise Conflict(TAKEN) from error
    request.session.pop("account_verified_email", None)  # allauth's; nothing else would begin a session here
    return user


def by_password(request: HttpRequest, email: str, password: str, code: str = "") -> User:
    """Whose address and password these are; it takes as long to say that they are nobody's.

    `code` is asked for where the account has a second step.
    """
    try:
        user = get_adapter().authenticate(request, email=email, password=password)
    except ValidationError as error:
        raise RateLimited(str(error.message), LOCKED_SECONDS) from error
    if not isinstance(user, User) or not user.is_active:
        raise Unauthorized(WRONG)
    if second_step.is_needed(user):
        _check_code(user, code)
    return _let_in(user)


def by_google(credential: str) -> User:
    """Whoever Google says this is. Where a second step is asked for, there is none to take here."""
    user = google.user_of(credential)
    if second_step.is_needed(user):
        raise Forbidden("This account asks for a second step. Log in with its password and a code.")
    return _let_in(user)


def _check_code(user: User, code: str) -> None:
    """Each code is good once: of the app, or a recovery code."""
    if not code:
        raise Unauthorized("This account asks for a second step. Send its code as “code”.")
    form = AuthenticateForm({"code": code}, user=user)
    if not form.is_valid():
        fault = form.errors.as_data()["code"][0]
        if fault.code == "too_many_login_attempts":
            raise RateLimited(str(fault.message), LOCKED_SECONDS)
        raise Unauthorized("This code is not right. Wait for the next one, then try again.")
    form.authenticator.record_usage()


def _let_in(user: User) -> User:
    """Who has proved who they are may come in, unless their address is still to be confirmed.

    An account that its owner had asked to be deleted is kept, as by logging in on a page.
    """
    if settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory" and not has_verified_email(user):
        raise Forbidden("Confirm your address first: log in on the site, and follow the link that is mailed to you.")
    deletion.take_back(user)
    update_last_login(User, user)
    return user


def _refusal(form: SignupForm) -> Conflict | Invalid:
    """What the form found, each fault with its field and its rule."""
    details = []
    for field, faults in form.errors.as_data().items():
        for fault in faults:
            if fault.code == "email_taken":
                return Conflict(TAKEN)
            name, rule = FIELDS.get(field, field), str(fault.code or "invalid")
            message = " ".join(fault.messages)
            details.append({"field": name, "message": message, "type": RULES.get(rule, rule)})
    return Invalid(details[0]["message"], details)
