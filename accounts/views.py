"""A person's own pages."""

import uuid

from allauth.account.decorators import reauthentication_required
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import deletion, leaving, pictures
from accounts.forms import ChoicesForm, NameForm, PictureForm
from accounts.models import User, UserSession
from accounts.viewer import viewer_of
from sage.errors import Problem
from sage.storage import storage


def _own(request: HttpRequest) -> User:
    user = viewer_of(request).user
    assert user is not None  # noqa: S101 - behind `login_required`
    return user


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Name, picture, what AI may do, and the way out."""
    user = _own(request)
    form = NameForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your name is saved.")
        return redirect("accounts:profile")
    shown = {"form": form, "choices": ChoicesForm(instance=user), "picture": PictureForm()}
    return render(request, "accounts/profile.html", shown)


@login_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep what is switched on and off."""
    form = ChoicesForm(request.POST, instance=_own(request))
    if form.is_valid():
        form.save()
        messages.success(request, "Your choice is saved.")
    return redirect("accounts:profile")


@login_required
@require_POST
def send_picture(request: HttpRequest) -> HttpResponse:
    """Take a new picture in, or take away the one that is there."""
    user = _own(request)
    if "remove" in request.POST:
        pictures.remove(user)
        messages.success(request, "Your picture is gone.")
        return redirect("accounts:profile")
    form = PictureForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, "Choose a picture first.")
        return redirect("accounts:profile")
    try:
        pictures.send(user, form.cleaned_data["file"])
    except Problem as problem:
        messages.error(request, problem.message)
    return redirect("accounts:profile")


@require_safe
def picture(request: HttpRequest, user_id: uuid.UUID, drawn: str) -> HttpResponse:
    """The picture of a person, for whoever was given its address."""
    key = f"pictures/{user_id}/{drawn}.jpg"
    if not User.objects.filter(pk=user_id, picture=key, is_active=True).exists():
        raise Http404
    try:
        content = storage.read(key)
    except FileNotFoundError as error:
        raise Http404 from error
    headers = {"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type="image/jpeg", headers=headers)


@login_required
def signing_in(request: HttpRequest) -> HttpResponse:
    """Every way in, and what is asked for beside it."""
    user = _own(request)
    kinds = list(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    shown = {
        "google": SocialAccount.objects.filter(user=user, provider="google").first(),
        "has_google": bool(settings.GOOGLE_CLIENT_ID),
        "has_totp": Authenticator.Type.TOTP in kinds,
        "passkeys": kinds.count(Authenticator.Type.WEBAUTHN),
        "has_second_step": is_mfa_enabled(user),
    }
    return render(request, "accounts/signing_in.html", shown)


@login_required
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """Where this person is signed in."""
    listed = UserSession.objects.of(_own(request))
    return render(request, "accounts/sessions.html", {"sessions": listed, "key": request.session.session_key})


@login_required
@require_POST
def sign_out(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """End one of this person's sessions."""
    session = get_object_or_404(UserSession.objects.of(_own(request)), pk=session_id)
    if session.session_key == request.session.session_key:
        logout(request)
        return redirect("account_login")
    leaving.sign_out(session)
    messages.success(request, f"Signed out: {session.device}.")
    return redirect("accounts:sessions")


@login_required
@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End them all, this one too, and every token of the API that runs out by itself."""
    leaving.sign_out_everywhere(_own(request))
    logout(request)
    messages.success(request, "You are signed out everywhere.")
    return redirect("account_login")


@login_required
@reauthentication_required(allow_get=True)
def delete(request: HttpRequest) -> HttpResponse:
    """Say what goes with an account; on POST have it go, after the grace."""
    if request.method != "POST":
        return render(request, "accounts/delete.html", {"days": settings.DELETED_ACCOUNT_KEPT_DAYS})
    user = _own(request)
    deletion.ask(user)
    logout(request)
    return render(request, "accounts/deleted.html", {"goes_at": deletion.goes_at(user)})
