"""Signing in with Google: whose ID token it is, and the two ways in which one comes here.

A browser is sent to Google and back (`begin`, `come_back`; the flow is allauth's), a script sends an ID token that it
was given itself (`user_of`). Both are believed only once `identity_of` has verified the token: by Google's published
keys, for this site, in time, and for an address that Google has verified.
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

from accounts.joining import welcome
from accounts.models import SYSTEM_EMAIL, User
from accounts.plain import plain_address, plain_name
from sage.errors import Conflict, Problem, Unauthorized, Unavailable

PROVIDER = "google"
LEEWAY_SECONDS = 30  # clocks differ
NOT_SURE = "Google's word on who you are could not be checked. Try again."
UNVERIFIED = "Google has not verified this address. Verify it there, or sign up here with a password."
TAKEN = "An account with this address exists already. Log in with its password, then connect Google under “Signing in”."


@dataclasses.dataclass(frozen=True)
class Identity:
    """Who somebody is at Google: `subject` never changes, `email` may, and is verified."""

    subject: str
    email: str
    name: str


def identity_of(credential: str) -> Identity:
    """Who a Google ID token is about (OpenID Connect Core 1.0, 3.1.3.7). Raises `Unauthorized` or `Unavailable`."""
    try:
        key = _keys(settings.GOOGLE_JWKS_URL).get_signing_key_from_jwt(credential)
        claims = jwt.decode(
            credential,
            key.key,
            algorithms=["RS256"],
            audience=settings.GOOGLE_CLIENT_ID,
            issuer=[settings.GOOGLE_ISSUER, settings.GOOGLE_ISSUER.removeprefix("https://")],  # it says both
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iat", "iss", "aud", "sub", "email"], "strict_aud": True},
        )
    except jwt.PyJWKClientConnectionError as error:
        raise Unavailable("Google does not answer. Try again in a moment, or log in with a password.") from error
    except (jwt.PyJWTError, ValueError) as error:
        raise Unauthorized(NOT_SURE) from error
    return _identity(claims)


def user_of(credential: str) -> User:
    """The person of an ID token; a new one joins. Raises `Unauthorized` or `Unavailable`."""
    if not settings.GOOGLE_CLIENT_ID:
        raise Unauthorized("Nobody signs in with Google here. Use a password.")
    identity = identity_of(credential)
    try:
        user = _known(identity) or _joined(identity)
    except IntegrityError as error:  # of two first times at once the second
        raise Conflict("This account is just being made. Try again.") from error
    if not user.is_active:
        raise Unauthorized("This account cannot be used. Ask whoever runs this site.")
    return user


@functools.cache
def _keys(url: str) -> jwt.PyJWKClient:
    return jwt.PyJWKClient(url, cache_jwk_set=True, lifespan=3600, timeout=settings.SOCIALACCOUNT_REQUESTS_TIMEOUT)


def _identity(claims: dict[str, Any]) -> Identity:
    email = str(claims["email"]).lower()
    if claims.get("email_verified") not in (True, "true"):
        raise Unauthorized(UNVERIFIED)
    try:
        plain_address(email)
    except ValidationError as error:
        raise Unauthorized(str(error.message)) from error
    if email == SYSTEM_EMAIL:
        raise Unauthorized("This address cannot be used.")
    return Identity(str(claims["sub"]), email, _name(str(claims.get("name") or ""), email))


def _name(name: str, email: str) -> str:
    """A name that may stand here: theirs, or else what stands before the @."""
    name = name.strip()[:100]
    try:
        plain_name(name)
    except ValidationError:
        name = ""
    return name if len(name) >= 2 else email.partition("@")[0]


def _known(identity: Identity) -> User | None:
    """Whoever has signed in so before, or has verified the same address here, which connects the two."""
    account = SocialAccount.objects.filter(provider=PROVIDER, uid=identity.subject).select_related("user").first()
    if account:
        return account.user
    address = _verified(identity.email)
    if address is None:
        if filter_users_by_email(identity.email):
            raise Unauthorized(TAKEN)
        return None
    _connect(address.user, identity)
    return address.user


def _verified(email: str) -> EmailAddress | None:
    """An address that its owner has verified here too; one that was only typed in may be anybody's."""
    address: EmailAddress | None = (
        EmailAddress.objects.filter(email__iexact=email, verified=True).select_related("user").first()
    )
    return address


@transaction.atomic
def _joined(identity: Identity) -> User:
    user = User.objects.create_user(identity.email, name=identity.name)
    EmailAddress.objects.create(user=user, email=identity.email, verified=True, primary=True)
    _connect(user, identity)
    welcome(user)
    return user


def _connect(user: User, identity: Identity) -> None:
    with transaction.atomic():
        facts = {"sub": identity.subject, "email": identity.email}
        SocialAccount.objects.create(user=user, provider=PROVIDER, uid=identity.subject, extra_data=facts)


# --- By way of the browser: allauth's flow, held to the same rules ---


class GoogleAdapter(DefaultSocialAccountAdapter):
    """Lets a Google account into an account of Sage only where both have verified the address."""

    error_messages = {
        **DefaultSocialAccountAdapter.error_messages,
        "no_password": "Set a password first, or you could not log in any more.",
        "disconnect_last": "This is your only way in. Set a password first.",
        "connected_other": "This Google account is connected to another account of Sage already.",
    }

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        return _verified(email) is not None

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        email = sociallogin.user.email
        if sociallogin.is_existing or sociallogin.state.get("process") == "connect":
            return
        if filter_users_by_email(email):
            messages.error(request, TAKEN)
            raise ImmediateHttpResponse(redirect("account_login"))

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        try:
            with transaction.atomic():
                user: User = super().save_user(request, sociallogin, form)
                if form is None:  # else the form's own way has done it
                    welcome(user)
        except IntegrityError as error:
            if not filter_users_by_email(sociallogin.user.email):
                raise
            raise Conflict(TAKEN) from error  # of two at the same time this was the second
        return user

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        user.name = _name(str(sociallogin.account.extra_data.get("name") or ""), user.email)
        return user


class _Google(GoogleOAuth2Adapter):
    """What Google's token endpoint hands over is verified as if a stranger had sent it."""

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> SocialLogin:
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error(NOT_SURE)
        return super().complete_login(request, app, token, **kwargs)

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        try:
            identity = identity_of(id_token)
        except Problem as problem:
            raise OAuth2Error(problem.message) from problem
        facts = {"sub": identity.subject, "email": identity.email, "name": identity.name}
        return {**facts, "email_verified": True}


_begin = OAuth2LoginView.adapter_view(_Google)
_come_back = OAuth2CallbackView.adapter_view(_Google)


def begin(request: HttpRequest) -> HttpResponseBase:
    """Send a browser to Google, by a form of ours."""
    if not settings.GOOGLE_CLIENT_ID:
        raise Http404
    return _begin(request)


def come_back(request: HttpRequest) -> HttpResponseBase:
    """Take it in again, with what Google says of it."""
    if not settings.GOOGLE_CLIENT_ID:
        raise Http404
    return _come_back(request)
