"""Views of the page for provider keys."""

import dataclasses

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.credentials import provider_keys
from accounts.forms import ProviderKeyForm
from accounts.models import ProviderKey, User
from accounts.signin.reauthentication import confirm_identity
from sage.errors import ApplicationError
from sage.providers.keys import Provider

PURPOSES = {
    Provider.TWELVELABS: "Understanding and search of video clips.",
    Provider.GEMINI: "Answers, summaries and analyses.",
    Provider.OPENAI: "Answers and agents. Any OpenAI-compatible server works.",
}


@dataclasses.dataclass(frozen=True)
class ProviderPanel:
    """One provider on the page: the stored key, if any, and the form for a new one."""

    provider: Provider
    key: ProviderKey | None
    form: ProviderKeyForm

    @property
    def purpose(self) -> str:
        """What Sage uses the provider for."""
        return PURPOSES[self.provider]


@login_required
@require_safe
def list_keys(request: HttpRequest) -> HttpResponse:
    """Show the stored keys by their last four characters."""
    return _render_page(request)


@login_required
@confirm_identity("accounts:keys")
@require_POST
@sensitive_post_parameters()
def save_key(request: HttpRequest, provider: Provider) -> HttpResponse:
    """Check a key with its provider and store it. Show an error next to the field."""
    form = _build_form(provider, request)
    if form.is_valid():
        try:
            provider_keys.save_key(_user(request), provider, form.cleaned_data["key"])
        except ApplicationError as error:
            form.add_error("key", error.message)
            return _render_page(request, form, error.status)
        messages.success(request, f"{provider.label} accepted your key. It is stored encrypted.")
        return redirect("accounts:keys")
    return _render_page(request, form, 422)


@login_required
@require_POST
def check_key(request: HttpRequest, provider: Provider) -> HttpResponse:
    """Check with the provider whether the stored key is still valid."""
    try:
        kept = provider_keys.recheck_key(_user(request), provider)
    except ApplicationError as error:
        messages.error(request, error.message)
        return redirect("accounts:keys")
    if kept.is_valid:
        messages.success(request, f"{provider.label} still accepts your key.")
    else:
        messages.error(request, f"{provider.label} no longer accepts your key. Save a new one.")
    return redirect("accounts:keys")


@login_required
@require_POST
def remove_key(request: HttpRequest, provider: Provider) -> HttpResponse:
    """Delete a stored key."""
    provider_keys.remove_key(_user(request), provider)
    messages.success(request, f"{provider.label} key removed.")
    return redirect("accounts:keys")


def _render_page(request: HttpRequest, submitted: ProviderKeyForm | None = None, status: int = 200) -> HttpResponse:
    stored = {key.provider: key for key in ProviderKey.objects.filter(user=_user(request))}
    panels = []
    for provider in Provider:
        is_submitted = submitted is not None and submitted.prefix == provider.value
        form = submitted if submitted and is_submitted else _build_form(provider)
        panels.append(ProviderPanel(provider, stored.get(provider.value), form))
    return render(request, "accounts/keys.html", {"panels": panels}, status=status)


def _build_form(provider: Provider, request: HttpRequest | None = None) -> ProviderKeyForm:
    return ProviderKeyForm(request.POST if request else None, prefix=provider.value)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - login_required
    return request.user
