"""People's own keys for providers: checked, then kept sealed; checked again; taken away."""

import re

from django.utils import timezone

from accounts import verdicts
from accounts.models import ProviderKey, User
from sage.errors import Conflict, Invalid, NotFound, ProviderError
from sage.providers.checking import Provider, Verdict
from sage.sealing import Unreadable, seal

SHAPE = re.compile(r"[!-~]{16,300}", re.ASCII)  # nothing that could begin another line of a header


def put(user: User, provider: Provider, key: str) -> ProviderKey:
    """Keep `key` once its provider takes it; the one before it stays until then.

    Raises `Invalid` where it is refused, `ProviderError` or `Unavailable` where nobody could say.
    """
    key = key.strip()
    if not SHAPE.fullmatch(key):
        raise Invalid.field("key", "A key is 16 to 300 letters, digits and signs, without spaces.", "invalid")
    if _verdict(provider, key) is Verdict.REFUSED:
        refused = f"{provider.label} does not take this key. Nothing was changed; copy it from there once more."
        raise Invalid.field("key", refused, "refused")
    facts = {"sealed": seal(key), "last_four": key[-4:], "is_valid": True, "validated_at": timezone.now()}
    kept, _ = ProviderKey.objects.update_or_create(user=user, provider=provider, defaults=facts)
    return kept


def check_again(user: User, provider: Provider) -> ProviderKey:
    """Ask the provider whether it still takes the key that is kept. Raises as `put` does, and `Conflict`."""
    kept = of(user, provider)
    try:
        key = kept.secret
    except Unreadable as error:
        message = "This site can no longer read the key that it kept. Save the key once more."
        raise Conflict(message) from error
    kept.is_valid, kept.validated_at = _verdict(provider, key) is Verdict.ACCEPTED, timezone.now()
    said = {"is_valid": kept.is_valid, "validated_at": kept.validated_at}
    ProviderKey.objects.filter(pk=kept.pk, sealed=kept.sealed).update(**said)  # unless another was saved meanwhile
    return kept


def of(user: User, provider: Provider) -> ProviderKey:
    """What is kept. Raises `NotFound`."""
    kept = ProviderKey.objects.filter(user=user, provider=provider).first()
    if kept is None:
        raise NotFound(f"You keep no key for {provider.label} here.")
    return kept


def remove(user: User, provider: Provider) -> None:
    """Take it away. Raises `NotFound` where there is none."""
    of(user, provider).delete()


def _verdict(provider: Provider, key: str) -> Verdict:
    verdict = verdicts.ask(provider, key)
    if verdict is Verdict.AWAY:
        message = f"{provider.label} gave no clear answer. Nothing was changed; try again in a moment."
        raise ProviderError(message)
    return verdict
