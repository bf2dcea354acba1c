"""Views of the page for long-term tokens."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.credentials import tokens
from accounts.extension.archive import find_extension_id
from accounts.forms import TokenForm
from accounts.models import LongTermToken, User
from accounts.signin.reauthentication import confirm_identity
from sage.errors import Conflict


@login_required
@confirm_identity("accounts:tokens")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def list_tokens(request: HttpRequest) -> HttpResponse:
    """List the tokens and create a new one. Only this response shows its text."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    text, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _, text = tokens.create_token(_user(request), form.cleaned_data["name"])
                form, status = TokenForm(), 200
            except Conflict as error:
                form.add_error("name", error.message)
    context = {
        "form": form,
        "text": text,
        "hand_over": "hand_over" in request.POST,
        "tokens": LongTermToken.objects.filter(user=_user(request)),
        "extension_id": find_extension_id(),
    }
    return render(request, "accounts/tokens.html", context, status=status)


@login_required
@require_POST
def revoke_token(request: HttpRequest, token_id: uuid.UUID) -> HttpResponse:
    """Revoke one token."""
    tokens.revoke_token(_user(request), token_id)
    messages.success(request, "Token revoked. Applications that used it no longer have access.")
    return redirect("accounts:tokens")


@login_required
@require_POST
def revoke_all_tokens(request: HttpRequest) -> HttpResponse:
    """Revoke all tokens."""
    tokens.revoke_all_tokens(_user(request))
    messages.success(request, "All tokens revoked.")
    return redirect("accounts:tokens")


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - login_required
    return request.user
