"""The page of one's own keys for providers."""

import dataclasses

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts import provider_keys
from accounts.forms import ProviderKeyForm
from accounts.models import ProviderKey, User
from sage.errors import Problem
from sage.providers.checking import Provider

FOR = {
    Provider.TWELVELABS: "Clips as vectors, by what happens in them.",
    Provider.GEMINI: "Answers, summaries and analyses.",
    Provider.OPENAI: "Answers and agents; also any server that speaks its protocol.",
}


@dataclasses.dataclass(frozen=True)
class Place:
    """One provider on the page: the key that is kept, if any, and the form for another."""

    provider: Provider
    kept: ProviderKey | None
    form: ProviderKeyForm

    @property
    def used_for(self) -> str:
        return FOR[self.provider]


@login_required
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """Which keys are kept, by their last four letters."""
    return _shown(request)


@login_required
@require_POST
@sensitive_post_parameters()
def save(request: HttpRequest, provider: Provider) -> HttpResponse:
    """Check a key and keep it; what is wrong with it is said beside its field."""
    form = _form(provider, request)
    if form.is_valid():
        try:
            provider_keys.put(_user(request), provider, form.cleaned_data["key"])
        except Problem as problem:
            form.add_error("key", problem.message)
            return _shown(request, form, problem.status)
        messages.success(request, f"{provider.label} takes your key. It is kept sealed.")
        return redirect("accounts:keys")
    return _shown(request, form, 422)


@login_required
@require_POST
def check_again(request: HttpRequest, provider: Provider) -> HttpResponse:
    """Ask the provider whether it still takes the key that is kept."""
    try:
        kept = provider_keys.check_again(_user(request), provider)
    except Problem as problem:
        messages.error(request, problem.message)
        return redirect("accounts:keys")
    if kept.is_valid:
        messages.success(request, f"{provider.label} still takes your key.")
    else:
        messages.error(request, f"{provider.label} no longer takes your key. Save another one.")
    return redirect("accounts:keys")


@login_required
@require_POST
def remove(request: HttpRequest, provider: Provider) -> HttpResponse:
    """Forget a key."""
    provider_keys.remove(_user(request), provider)
    messages.success(request, f"Your key for {provider.label} is gone from here.")
    return redirect("accounts:keys")


def _shown(request: HttpRequest, sent: ProviderKeyForm | None = None, status: int = 200) -> HttpResponse:
    kept = {one.provider: one for one in ProviderKey.objects.filter(user=_user(request))}
    places = []
    for provider in Provider:
        mine = sent is not None and sent.prefix == provider.value
        places.append(Place(provider, kept.get(provider.value), sent if sent and mine else _form(provider)))
    return render(request, "accounts/keys.html", {"places": places}, status=status)


def _form(provider: Provider, request: HttpRequest | None = None) -> ProviderKeyForm:
    return ProviderKeyForm(request.POST if request else None, prefix=provider.value)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - login_required
    return request.user
