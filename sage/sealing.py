"""Secrets at rest: sealed by Fernet with the first of `FERNET_KEYS`, opened with whichever of them it was.

A key is rotated in three steps: put a new one before the old ones, run `manage.py rotate_keys`, take the old ones away.
"""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(Exception):
    """It was sealed with a key that is not among `FERNET_KEYS`, or it was tampered with."""


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FERNET_KEYS])


def seal(secret: str) -> str:
    """What may be stored and sent in the open."""
    return _keys().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret again. Raises `Unreadable`."""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def reseal(sealed: str) -> str:
    """The same secret sealed with the first key. Raises `Unreadable`."""
    try:
        return _keys().rotate(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error
