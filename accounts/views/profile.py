"""Views of the account pages."""

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

from accounts.forms import NameForm, PictureForm, PreferencesForm
from accounts.models import User, UserSession
from accounts.profile import avatars, deletion
from accounts.sessions import signout
from accounts.viewer import viewer_of
from sage.errors import ApplicationError
from sage.storage import storage


def _get_user(request: HttpRequest) -> User:
    user = viewer_of(request).user
    assert user is not None  # noqa: S101 - behind `login_required`
    return user


@login_required
def edit_profile(request: HttpRequest) -> HttpResponse:
    """Show and save name, picture and preferences."""
    user = _get_user(request)
    form = NameForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Name saved.")
        return redirect("accounts:profile")
    context = {"form": form, "preferences": PreferencesForm(instance=user), "picture": PictureForm()}
    return render(request, "accounts/profile.html", context)


@login_required
@require_POST
def save_preferences(request: HttpRequest) -> HttpResponse:
    """Save the preferences."""
    form = PreferencesForm(request.POST, instance=_get_user(request))
    if form.is_valid():
        form.save()
        messages.success(request, "Preferences saved.")
    else:
        messages.error(request, f"{next(iter(form.errors.values()))[0]} The preferences were not saved.")
    return redirect("accounts:profile")


@login_required
@require_POST
def update_picture(request: HttpRequest) -> HttpResponse:
    """Upload or remove the profile picture."""
    user = _get_user(request)
    if "remove" in request.POST:
        avatars.remove_picture(user)
        messages.success(request, "Picture removed.")
        return redirect("accounts:profile")
    form = PictureForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, "Choose a picture.")
        return redirect("accounts:profile")
    try:
        avatars.upload_picture(user, form.cleaned_data["file"])
    except ApplicationError as error:
        messages.error(request, error.message)
    return redirect("accounts:profile")


@require_safe
def picture(request: HttpRequest, user_id: uuid.UUID, drawn: str) -> HttpResponse:
    """Serve a profile picture. Its address cannot be guessed."""
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
def show_signin_methods(request: HttpRequest) -> HttpResponse:
    """Show the sign-in methods and two-step verification."""
    user = _get_user(request)
    kinds = list(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    context = {
        "google": SocialAccount.objects.filter(user=user, provider="google").first(),
        "has_google": bool(settings.GOOGLE_CLIENT_ID),
        "has_totp": Authenticator.Type.TOTP in kinds,
        "passkeys": kinds.count(Authenticator.Type.WEBAUTHN),
        "has_mfa": is_mfa_enabled(user),
    }
    return render(request, "accounts/signing_in.html", context)


@login_required
@require_safe
def log_in_again(request: HttpRequest) -> HttpResponse:
    """Ask users who log in with Google only to do so again, before a change of their sign-in methods."""
    page = request.GET.get("next", "")
    return render(request, "accounts/log_in_again.html", {"next": page})


@login_required
@require_safe
def list_sessions(request: HttpRequest) -> HttpResponse:
    """List the active sessions."""
    sessions = UserSession.objects.active_for(_get_user(request))
    return render(request, "accounts/sessions.html", {"sessions": sessions, "key": request.session.session_key})


@login_required
@require_POST
def sign_out(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """End one session of the user."""
    session = get_object_or_404(UserSession.objects.active_for(_get_user(request)), pk=session_id)
    if session.session_key == request.session.session_key:
        logout(request)
        return redirect("account_login")
    signout.end_session(session)
    messages.success(request, f"Signed out of {session.device}.")
    return redirect("accounts:sessions")


@login_required
@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End all sessions, including this one, and invalidate all JWTs."""
    signout.sign_out_everywhere(_get_user(request))
    logout(request)
    messages.success(request, "Signed out of all sessions.")
    return redirect("account_login")


@login_required
@reauthentication_required(allow_get=True)
def delete_account(request: HttpRequest) -> HttpResponse:
    """Confirm the deletion of the account. POST schedules it."""
    if request.method != "POST":
        return render(request, "accounts/delete.html", {"days": settings.DELETED_ACCOUNT_KEPT_DAYS})
    user = _get_user(request)
    deletion.request_deletion(user)
    logout(request)
    return render(request, "accounts/deleted.html", {"removal_time": deletion.removal_time(user)})
