"""Sign in with Google: verify ID tokens and find or create their users.

Browsers use allauth's redirect flow (`redirect_to_google`, `handle_callback`). Scripts send an ID token of their own
(`get_or_create_user`). Both rely on `verify_id_token`, which checks signature, audience, issuer and expiry, and
requires an address that Google has verified.
"""

import dataclasses
import functools
from typing import Any

import jwt
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.google.views import GoogleOAuth2Adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from accounts.models import SYSTEM_EMAIL, User
from accounts.signin.notifications import notify_user
from accounts.signin.registration import complete_registration
from accounts.validators import validate_email_characters, validate_name_characters
from sage.errors import ApplicationError, Conflict, ServiceUnavailable, Unauthorized

PROVIDER = "google"
LEEWAY_SECONDS = 30  # allowed clock difference
UNVERIFIABLE = "Your Google sign-in could not be verified. Try again."
UNVERIFIED = "Google has not verified this email address. Verify it with Google, or sign up with a password."
EMAIL_TAKEN = (
    "An account with this email address already exists. "
    "Log in with its password, then connect Google under “Sign-in methods”."
)


@dataclasses.dataclass(frozen=True)
class GoogleIdentity:
    """A verified Google account. `subject` never changes, `email` may change."""

    subject: str
    email: str
    name: str


def verify_id_token(credential: str) -> GoogleIdentity:
    """Verify a Google ID token (OpenID Connect Core 1.0, 3.1.3.7). Raises `Unauthorized` or `ServiceUnavailable`."""
    try:
        key = _get_keys(settings.GOOGLE_JWKS_URL).get_signing_key_from_jwt(credential)
        claims = jwt.decode(
            credential,
            key.key,
            algorithms=["RS256"],
            audience=settings.GOOGLE_CLIENT_ID,
            issuer=[settings.GOOGLE_ISSUER, settings.GOOGLE_ISSUER.removeprefix("https://")],  # Google uses both forms
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iat", "iss", "aud", "sub", "email"], "strict_aud": True},
        )
    except jwt.PyJWKClientConnectionError as error:
        raise ServiceUnavailable("Google did not answer. Try again in a moment, or log in with a password.") from error
    except (jwt.PyJWTError, ValueError) as error:
        raise Unauthorized(UNVERIFIABLE) from error
    return _parse_claims(claims)


def get_or_create_user(credential: str) -> User:
    """Return the user of an ID token. Register a new user. Raises `Unauthorized` or `ServiceUnavailable`."""
    if not settings.GOOGLE_CLIENT_ID:
        raise Unauthorized("Google sign-in is not available on this site. Use a password.")
    identity = verify_id_token(credential)
    try:
        user = _find_user(identity) or _register_user(identity)
    except IntegrityError as error:  # a concurrent request registered the same account
        raise Conflict("This account is being created. Try again.") from error
    if not user.is_active:
        raise Unauthorized("This account is disabled. Contact the operator of this site.")
    return user


@functools.cache
def _get_keys(url: str) -> jwt.PyJWKClient:
    return jwt.PyJWKClient(url, cache_jwk_set=True, lifespan=3600, timeout=settings.SOCIALACCOUNT_REQUESTS_TIMEOUT)


def _parse_claims(claims: dict[str, Any]) -> GoogleIdentity:
    email = str(claims["email"]).lower()
    if claims.get("email_verified") not in (True, "true"):
        raise Unauthorized(UNVERIFIED)
    try:
        validate_email_characters(email)
    except ValidationError as error:
        raise Unauthorized(str(error.message)) from error
    if email == SYSTEM_EMAIL:
        raise Unauthorized("This address cannot be used.")
    return GoogleIdentity(str(claims["sub"]), email, _choose_name(str(claims.get("name") or ""), email))


def _choose_name(name: str, email: str) -> str:
    """Return the Google name if Sage accepts it, else the local part of the address."""
    name = name.strip()[:100]
    try:
        validate_name_characters(name)
    except ValidationError:
        name = ""
    return name if len(name) >= 2 else email.partition("@")[0]


def _find_user(identity: GoogleIdentity) -> User | None:
    """Return the user connected to this Google account.

    A user who verified the same address in Sage is connected now. Raises `Unauthorized` if the address belongs to an
    account that has not verified it.
    """
    account = SocialAccount.objects.filter(provider=PROVIDER, uid=identity.subject).select_related("user").first()
    if account:
        return account.user
    address = _find_verified_address(identity.email)
    if address is None:
        if filter_users_by_email(identity.email):
            raise Unauthorized(EMAIL_TAKEN)
        return None
    _connect_account(address.user, identity)
    notify_user(address.user, "socialaccount/email/account_connected", provider="Google")
    return address.user


def _find_verified_address(email: str) -> EmailAddress | None:
    """Return the address if a user has verified it in Sage. An unverified address could belong to another person."""
    address: EmailAddress | None = (
        EmailAddress.objects.filter(email__iexact=email, verified=True).select_related("user").first()
    )
    return address


@transaction.atomic
def _register_user(identity: GoogleIdentity) -> User:
    user = User.objects.create_user(identity.email, name=identity.name)
    EmailAddress.objects.create(user=user, email=identity.email, verified=True, primary=True)
    _connect_account(user, identity)
    complete_registration(user)
    return user


def _connect_account(user: User, identity: GoogleIdentity) -> None:
    with transaction.atomic():
        facts = {"sub": identity.subject, "email": identity.email}
        SocialAccount.objects.create(user=user, provider=PROVIDER, uid=identity.subject, extra_data=facts)


# --- Browser flow ---


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Connect a Google account to a Sage account only if both sides have verified the address."""

    error_messages = {
        **DefaultSocialAccountAdapter.error_messages,
        "no_password": "Set a password first. Otherwise you could not log in again.",
        "disconnect_last": "This is your only sign-in method. Set a password first.",
        "connected_other": "This Google account is already connected to another Sage account.",
    }

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        return _find_verified_address(email) is not None

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        email = sociallogin.user.email
        if sociallogin.is_existing or sociallogin.state.get("process") == "connect":
            return
        if filter_users_by_email(email):
            messages.error(request, EMAIL_TAKEN)
            raise ImmediateHttpResponse(redirect("account_login"))

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        try:
            with transaction.atomic():
                user: User = super().save_user(request, sociallogin, form)
                if form is None:  # with a form, the account adapter has done it
                    complete_registration(user)
        except IntegrityError as error:
            if not filter_users_by_email(sociallogin.user.email):
                raise
            raise Conflict(EMAIL_TAKEN) from error  # a concurrent request registered the address
        return user

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        user.name = _choose_name(str(sociallogin.account.extra_data.get("name") or ""), user.email)
        return user


class VerifiedGoogleAdapter(GoogleOAuth2Adapter):
    """Verify the ID token of Google's token endpoint like a token sent by a client."""

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> SocialLogin:
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error(UNVERIFIABLE)
        return super().complete_login(request, app, token, **kwargs)

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        try:
            identity = verify_id_token(id_token)
        except ApplicationError as error:
            raise OAuth2Error(error.message) from error
        facts = {"sub": identity.subject, "email": identity.email, "name": identity.name}
        return {**facts, "email_verified": True}


_login_view = OAuth2LoginView.adapter_view(VerifiedGoogleAdapter)
_callback_view = OAuth2CallbackView.adapter_view(VerifiedGoogleAdapter)


def redirect_to_google(request: HttpRequest) -> HttpResponseBase:
    """Redirect the browser to Google's sign-in page."""
    if not settings.GOOGLE_CLIENT_ID:
        raise Http404
    return _login_view(request)


def handle_callback(request: HttpRequest) -> HttpResponseBase:
    """Complete the sign-in after Google redirected the browser back."""
    if not settings.GOOGLE_CLIENT_ID:
        raise Http404
    return _callback_view(request)
