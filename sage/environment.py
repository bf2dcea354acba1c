"""Read and validate settings from the environment or `.env`.

A value that is missing or invalid raises `ImproperlyConfigured` with one sentence that says what to set. This module
imports no Django models, so that `sage/settings.py` can use it.
"""

import itertools
import math
import os
import re
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from sage.limits.rates import Rate

SECRET_KEY_CHARACTERS = 50  # fewest of a SECRET_KEY, as Django's check security.W009 requires
ADMIN_TOKEN_CHARACTERS = 32  # fewest of an ADMIN_TOKEN
DISTINCT_CHARACTERS = 8  # fewest different characters of a secret; 50 random digits have 9 or 10
PLACEHOLDERS = re.compile(
    r"insecure|change.?(me|this|it)|replace.?(me|this)|your.?(secret|key)|secret.?key|password|example"
)
GENERATE_FERNET_KEY = "Generate one with `openssl rand -base64 32 | tr +/ -_`."


class Environment(environ.Env):
    """django-environ with validated numbers, rates, origins and choices."""

    def whole_number(self, name: str, default: int, most: int = 10**9, least: int = 1) -> int:
        """Return an integer from `least` to `most`."""
        try:
            value = int(self.int(name, default=default))
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            raise ImproperlyConfigured(f"{name} must be a whole number from {least} to {most}.")
        return value

    def number(self, name: str, default: float, least: float, most: float) -> float:
        """Return a float from `least` to `most`."""
        try:
            value = float(self.float(name, default=default))
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            raise ImproperlyConfigured(f"{name} must be a number from {least} to {most}.")
        return value

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """Return one of `choices`; the first is the default."""
        value = str(self.str(name, default=choices[0]))
        if value not in choices:
            raise ImproperlyConfigured(f"{name} must be {', '.join(choices[:-1])} or {choices[-1]}.")
        return value

    def choices(self, name: str, choices: Sequence[str]) -> list[str]:
        """Return the comma-separated values of a variable, each one of `choices`. Empty by default."""
        values = [value.strip() for value in self.list(name, default=[]) if value.strip()]
        if set(values) - set(choices):
            raise ImproperlyConfigured(f"{name} must be a comma-separated list of {', '.join(choices)}.")
        return values

    def rates(self, prefix: str) -> dict[str, Rate]:
        """Return the rates, such as `60/m`, of all variables with the prefix, by the rest of their name."""
        rates = {}
        for name, text in self.ENVIRON.items():
            if name.startswith(prefix):
                try:
                    rates[name.removeprefix(prefix).lower()] = Rate.parse(text)
                except ValueError as error:
                    raise ImproperlyConfigured(
                        f"{name} must be a rate: a number, a slash, and s, m, h or d, such as 60/m for 60 per minute."
                    ) from error
        return rates

    def origins(self, name: str) -> list[str]:
        """Return a list of origins (scheme, host and port); empty by default."""
        origins = [str(origin) for origin in self.list(name, default=[])]
        if not all(re.fullmatch(r"[a-z][a-z0-9+.-]*://[^/?#*@\s]+", origin) for origin in origins):
            raise ImproperlyConfigured(
                f"{name} must be a comma-separated list of origins without paths, such as https://tools.example.org."
            )
        return origins

    def google_url(self, name: str, default: str, *, debug: bool) -> str:
        """Return a URL of Google. Only DEBUG allows another URL, because its server could sign in as any user."""
        url = str(self.str(name, default=default))
        if url != default and not debug:
            raise ImproperlyConfigured(f"{name} can be changed only with DEBUG=1. Remove it.")
        return url

    def prices(self, name: str, default: dict[str, int]) -> dict[str, int]:
        """Return `default` updated with whole numbers by operation."""
        try:
            return {**default, **{operation: int(price) for operation, price in self.dict(name, default={}).items()}}
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{name} must name operations and whole numbers, such as comparison=5."
            ) from error

    def secret_key(self, var_dir: Path, *, is_public: bool) -> str:
        """Return SECRET_KEY or SESSION_SECRET_KEY. A site on loopback generates one and keeps it in `var_dir`."""
        wanted = f"Set it to {SECRET_KEY_CHARACTERS} or more random characters."
        if key := str(self.str("SECRET_KEY", default="") or self.str("SESSION_SECRET_KEY", default="")):
            if is_public and is_guessable(key, SECRET_KEY_CHARACTERS):
                raise ImproperlyConfigured(f"SECRET_KEY is too short or can be guessed. {wanted}")
            return key
        if is_public:
            raise ImproperlyConfigured(f"SECRET_KEY is missing. {wanted}")
        return load_or_create_secret(var_dir / "secret_key", lambda: secrets.token_urlsafe(64))

    def admin_token(self, *, is_public: bool) -> str:
        """Return ADMIN_TOKEN, or an empty string, with which external workers have no access."""
        token = str(self.str("ADMIN_TOKEN", default=""))
        if token and is_public and is_guessable(token, ADMIN_TOKEN_CHARACTERS):
            wanted = f"Set it to {ADMIN_TOKEN_CHARACTERS} or more random characters."
            raise ImproperlyConfigured(f"ADMIN_TOKEN is too short or can be guessed. {wanted}")
        return token

    def host_names(self, name: str, default: list[str], *, is_public: bool) -> list[str]:
        """Return a list of host names. A public site must name its own, because links in emails contain them."""
        names = [str(host) for host in self.list(name, default=default)]
        if is_public and not names:
            raise ImproperlyConfigured(f"{name} is missing. Set it to the host names of this site.")
        if is_public and "*" in names:
            raise ImproperlyConfigured(
                f"{name} must not contain * on a public site. Set it to the host names of this site."
            )
        return names

    def fernet_keys(self, var_dir: Path, *, is_public: bool) -> list[str]:
        """Return FERNET_KEYS: the first encrypts, all of them decrypt. Generated on loopback like the secret key."""
        keys = [str(key) for key in self.list("FERNET_KEYS", default=[])]
        if not keys and is_public:
            raise ImproperlyConfigured(
                f"FERNET_KEYS is missing. Set it to a key of 32 random bytes. {GENERATE_FERNET_KEY}"
            )
        path = var_dir / "fernet_keys"
        keys = keys or load_or_create_secret(path, lambda: Fernet.generate_key().decode()).split()
        try:
            for key in keys:
                Fernet(key)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"FERNET_KEYS must be a comma-separated list of keys of 32 random bytes. {GENERATE_FERNET_KEY}"
            ) from error
        return keys


def is_guessable(secret: str, least_characters: int) -> bool:
    """Return whether a secret is short, a placeholder, a repetition or a sequence such as `abcdef`."""
    steps = [abs(ord(b) - ord(a)) for a, b in itertools.pairwise(secret)]
    predictable = sum(step <= 1 for step in steps)
    is_repeated = any(secret[length:] == secret[:-length] for length in range(1, least_characters // 2))
    return (
        len(secret) < least_characters
        or len(set(secret)) < DISTINCT_CHARACTERS
        or PLACEHOLDERS.search(secret.lower()) is not None
        or predictable > len(steps) * 2 / 3
        or is_repeated
    )


def load_or_create_secret(path: Path, generate: Callable[[], str]) -> str:
    """Return the secret in `path`, which the first start creates with access for its owner only."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(generate())
    except FileExistsError:
        pass
    except OSError:
        return generate()  # On a read-only disk, commands such as `compare` still work.
    return path.read_text() or generate()
