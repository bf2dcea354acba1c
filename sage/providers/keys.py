"""Name the providers whose keys users can store, and check a key with one small request. Only workers check."""

import enum
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from importlib import import_module

from django.conf import settings
from django.db import models

log = logging.getLogger(__name__)
CheckKey = Callable[[str], None]
TRIES = 2  # requests, if the provider is unavailable
PAUSE_SECONDS = 0.5  # between the requests
LONGEST_SECONDS = 5.0  # of a check with all its requests
CALL_SECONDS = 4  # timeout of each wait of a request, in whole seconds for Gemini's library
REFUSALS = (401, 403)  # HTTP statuses of an invalid key


class Provider(models.TextChoices):
    """The providers whose keys a user can store. Each has a module with its name in this package."""

    TWELVELABS = "twelvelabs", "TwelveLabs"
    GEMINI = "gemini", "Gemini"
    OPENAI = "openai", "OpenAI"


def find_provider(setting: str) -> Provider | None:
    """Return the provider whose key the model of a setting needs. None for a model that runs on this machine."""
    engine = str(getattr(settings, setting)).partition(":")[0]
    return Provider(engine) if engine in Provider.values else None


class Verdict(enum.StrEnum):
    """The result of a check: the provider accepts the key, refuses it, or is unavailable."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNAVAILABLE = "away"


class KeyRefused(Exception):
    """The provider refuses the key."""


class ProviderUnavailable(Exception):
    """The provider is unavailable, or its response does not tell whether the key is valid."""


def check(provider: Provider, key: str) -> Verdict:
    """Ask the provider whether it accepts `key`, for at most `LONGEST_SECONDS`.

    The clients of the providers limit each wait for bytes, but not the whole call. It therefore runs in a thread that
    is left behind if it takes longer.
    """
    # Imported when used, because each client library takes 50 to 85 MB of memory.
    check_key = import_module(f"sage.providers.{provider.value}").check_key
    verdict: Future[Verdict] = Future()
    threading.Thread(target=_resolve, args=(verdict, provider, check_key, key), daemon=True).start()
    try:
        return verdict.result(LONGEST_SECONDS)
    except TimeoutError:
        log.warning("%s: could not check a key within %d s", provider, LONGEST_SECONDS)
        return Verdict.UNAVAILABLE


def error_for_status(status: int | None) -> KeyRefused | ProviderUnavailable:
    """Return the error for an HTTP error status of the provider."""
    return KeyRefused() if status in REFUSALS else ProviderUnavailable(f"HTTP status {status}")


def _resolve(verdict: Future[Verdict], provider: Provider, check_key: CheckKey, key: str) -> None:
    try:
        verdict.set_result(_try_repeatedly(provider, check_key, key))
    except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
        verdict.set_exception(error)


def _try_repeatedly(provider: Provider, check_key: CheckKey, key: str) -> Verdict:
    """Check a key. The messages of the provider are not logged, because they may contain the key."""
    for tries in range(1, TRIES + 1):
        try:
            check_key(key)
        except KeyRefused:
            return Verdict.REFUSED
        except ProviderUnavailable as error:
            log.warning("%s: could not check a key: %s", provider, error)
            if tries < TRIES:
                time.sleep(PAUSE_SECONDS)
        else:
            return Verdict.ACCEPTED
    return Verdict.UNAVAILABLE
