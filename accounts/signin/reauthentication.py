"""Ask for the password or another factor before a change with which an account could be taken over.

allauth asks before changes of email addresses, of Google accounts and of two-step verification
(`ACCOUNT_REAUTHENTICATION_REQUIRED`). `confirm_identity` asks before changes of Sage's own pages. A confirmation is
valid for `REAUTHENTICATION_TIMEOUT`, 5 minutes by default.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.app_settings import REAUTHENTICATION_TIMEOUT
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows, is_reauthentication_required
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

View = Callable[..., HttpResponseBase]
SEND_AGAIN = "Confirm your identity, then send the form again. Nothing was saved."


def confirm_identity(page: str, *methods: str) -> Callable[[View], View]:
    """Return a decorator that asks for the user's identity before requests with these methods, by default POST.

    The user then returns to the page with this URL name. Unlike allauth's decorator, it does not store what the user
    has sent, because it may be a secret.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated or request.method not in (methods or ("POST",)):
                return view(request, *args, **kwargs)
            require_recent_login(request, reverse(page))
            if not is_reauthentication_required(request, app=""):
                return view(request, *args, **kwargs)
            if request.method == "POST":
                messages.info(request, SEND_AGAIN)
            return _redirect_to(get_adapter().get_reauthentication_methods(request.user)[0]["url"], reverse(page))

        return guarded

    return decorate


def require_recent_login(request: HttpRequest, page: str = "") -> None:
    """Send users who have neither a password nor a second factor to log in again, unless they just did.

    They then return to `page`, by default to the page of this request.

    allauth has nothing to ask these users for, because they log in with Google only, and accepts every change.
    """
    if not request.user.is_authenticated or get_reauthentication_flows(request.user):
        return
    records = get_authentication_records(request, request.user)
    if records and time.time() - records[-1]["at"] < REAUTHENTICATION_TIMEOUT:
        return
    if not page:  # the callback of Google works only once
        is_callback = request.path == reverse("google_callback")
        page = reverse("accounts:sign-in-methods") if is_callback else request.path
    raise ImmediateHttpResponse(_redirect_to(reverse("accounts:log-in-again"), page))


def _redirect_to(url: str, page: str) -> HttpResponse:
    return redirect(f"{url}?{urlencode({'next': page})}")
