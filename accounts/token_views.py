"""The page of one's own long-term tokens."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import tokens
from accounts.forms import TokenForm
from accounts.models import LongTermToken, User
from sage.errors import Conflict


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """Which there are, and a form for another. One that is made is in this one answer, and is kept nowhere."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    text, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _, text = tokens.make(_user(request), form.cleaned_data["name"])
                form, status = TokenForm(), 200
            except Conflict as conflict:
                form.add_error("name", conflict.message)
    kept = LongTermToken.objects.filter(user=_user(request))
    return render(request, "accounts/tokens.html", {"form": form, "text": text, "tokens": kept}, status=status)


@login_required
@require_POST
def revoke(request: HttpRequest, token_id: uuid.UUID) -> HttpResponse:
    tokens.revoke(_user(request), token_id)
    messages.success(request, "The token is revoked. Whatever used it is out.")
    return redirect("accounts:tokens")


@login_required
@require_POST
def revoke_all(request: HttpRequest) -> HttpResponse:
    tokens.revoke_all(_user(request))
    messages.success(request, "All tokens are revoked.")
    return redirect("accounts:tokens")


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - login_required
    return request.user
