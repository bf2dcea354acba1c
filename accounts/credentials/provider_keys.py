"""Save, check, use and remove the provider keys of users. Keys are checked before they are stored encrypted."""

import re
import uuid
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypedDict

from django.utils import timezone

from accounts.credentials import key_validation
from accounts.models import ProviderKey, User
from sage.encryption import DecryptionError, encrypt
from sage.errors import Conflict, InvalidInput, NotFound, ProviderError
from sage.providers.keys import Provider, Verdict, find_provider

KEY_PATTERN = re.compile(r"[!-~]{16,300}", re.ASCII)  # no line breaks, which could add a header to the request


class CallerOptions(TypedDict, total=False):
    """The arguments of `choose_chat_model` and the like: the user's own key, and what to do if it is refused."""

    key: str
    user_id: uuid.UUID | None
    on_key_refused: Callable[[], None]


def save_key(user: User, provider: Provider, key: str) -> ProviderKey:
    """Store `key` if the provider accepts it; otherwise keep the previous one.

    Raises `InvalidInput` if it is refused, `ProviderError` or `ServiceUnavailable` if it could not be checked.
    """
    key = key.strip()
    if not KEY_PATTERN.fullmatch(key):
        raise InvalidInput.field("key", "A key is 16 to 300 letters, digits and signs, without spaces.", "invalid")
    if _check(provider, key) is Verdict.REFUSED:
        message = f"{provider.label} does not accept this key. Nothing was changed. Copy the key again."
        raise InvalidInput.field("key", message, "refused")
    fields = {"sealed": encrypt(key), "last_four": key[-4:], "is_valid": True, "validated_at": timezone.now()}
    provider_key, _ = ProviderKey.objects.update_or_create(user=user, provider=provider, defaults=fields)
    return provider_key


def recheck_key(user: User, provider: Provider) -> ProviderKey:
    """Check the stored key again and save the result.

    Raises `NotFound`, `Conflict` if the key cannot be decrypted, `ProviderError` or `ServiceUnavailable`.
    """
    provider_key = get_key(user, provider)
    try:
        key = provider_key.secret
    except DecryptionError as error:
        raise Conflict("This site can no longer decrypt the key. Save the key again.") from error
    is_valid, validated_at = _check(provider, key) is Verdict.ACCEPTED, timezone.now()
    # A key that was saved while this one was checked keeps its own result.
    unchanged = ProviderKey.objects.filter(pk=provider_key.pk, sealed=provider_key.sealed)
    unchanged.update(is_valid=is_valid, validated_at=validated_at)
    provider_key.is_valid, provider_key.validated_at = is_valid, validated_at
    return provider_key


def get_key(user: User, provider: Provider) -> ProviderKey:
    """Return the stored key. Raises `NotFound`."""
    provider_key = ProviderKey.objects.filter(user=user, provider=provider).first()
    if provider_key is None:
        raise NotFound(f"You have not saved a key for {provider.label}.")
    return provider_key


def remove_key(user: User, provider: Provider) -> None:
    """Delete the stored key. Raises `NotFound`."""
    get_key(user, provider).delete()


def find_valid_key(user_id: uuid.UUID, provider: Provider) -> str:
    """Return the user's own key in plain text, for workers. Empty if there is no valid key."""
    provider_key = ProviderKey.objects.filter(user_id=user_id, provider=provider, is_valid=True).first()
    if provider_key is None:
        return ""
    try:
        return provider_key.secret
    except DecryptionError:
        return ""


def mark_key_invalid(user_id: uuid.UUID, provider: Provider, key: str) -> None:
    """Mark a key that the provider has refused during a call, unless the user has replaced it meanwhile."""
    provider_key = ProviderKey.objects.filter(user_id=user_id, provider=provider).first()
    with suppress(DecryptionError):
        if provider_key and provider_key.secret == key:
            unchanged = ProviderKey.objects.filter(pk=provider_key.pk, sealed=provider_key.sealed)
            unchanged.update(is_valid=False, validated_at=timezone.now())


def describe_caller(user_id: uuid.UUID | None, setting: str) -> CallerOptions:
    """Return the arguments with which `choose_chat_model` and the like call a provider for a user.

    `setting` names the model, for example CHAT_MODEL. The user's own key is used if there is a valid one. Without a
    user, as for YouTube videos, the key of the site is used.
    """
    if user_id is None:
        return {"key": "", "user_id": None}
    provider = find_provider(setting)
    key = find_valid_key(user_id, provider) if provider else ""
    options: CallerOptions = {"key": key, "user_id": user_id}
    if provider and key:
        options["on_key_refused"] = partial(mark_key_invalid, user_id, provider, key)
    return options


def _check(provider: Provider, key: str) -> Verdict:
    """Check a key in a worker. Raises `ProviderError` or `ServiceUnavailable` if there is no clear result."""
    verdict = key_validation.request_check(provider, key)
    if verdict is Verdict.UNAVAILABLE:
        message = f"{provider.label} gave no clear answer. Nothing was changed. Try again in a moment."
        raise ProviderError(message)
    return verdict
