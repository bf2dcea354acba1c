"""Whether a provider takes a key: one small call, tried twice where it is the line that fails. Only workers do this."""

import enum
import logging
import time
from importlib import import_module

from django.db import models

log = logging.getLogger(__name__)
TRIES = 2
PAUSE_SECONDS = 0.5
CALL_SECONDS = 5
LONGEST_SECONDS = TRIES * CALL_SECONDS + PAUSE_SECONDS
REFUSALS = (401, 403)


class Provider(models.TextChoices):
    """Whose keys a person can keep with Sage; each has a module of its name beside this one."""

    TWELVELABS = "twelvelabs", "TwelveLabs"
    GEMINI = "gemini", "Gemini"
    OPENAI = "openai", "OpenAI"


class Verdict(enum.StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    AWAY = "away"


class KeyRefused(Exception):
    """The provider knows no such key, or does not let it in."""


class ProviderAway(Exception):
    """No answer, or none that says anything about the key."""


def check(provider: Provider, key: str) -> Verdict:
    """Ask the provider. What it says of itself is not repeated: it may hold the key."""
    # Each brings a library of 50 to 85 MB, for the worker that asks it alone.
    ask = import_module(f"sage.providers.{provider.value}").check_key
    for tries in range(1, TRIES + 1):
        try:
            ask(key)
        except KeyRefused:
            return Verdict.REFUSED
        except ProviderAway as away:
            log.warning("%s: could not check a key: %s", provider, away)
            if tries < TRIES:
                time.sleep(PAUSE_SECONDS)
        else:
            return Verdict.ACCEPTED
    return Verdict.AWAY


def judged(status: int | None) -> KeyRefused | ProviderAway:
    """What a refusal with this HTTP status means for the key."""
    return KeyRefused() if status in REFUSALS else ProviderAway(f"it answered {status}")
