"""Encrypt secrets that are stored in the database, with Fernet.

The first key of `FERNET_KEYS` encrypts, all of them decrypt. To rotate: put a new key first, run
`manage.py rotate_keys`, then remove the old keys.
"""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class DecryptionError(Exception):
    """The value was encrypted with a key that is not in `FERNET_KEYS`, or it was modified."""


def _load_keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FERNET_KEYS])


def encrypt(secret: str) -> str:
    """Return the ciphertext of `secret` as ASCII text."""
    return _load_keys().encrypt(secret.encode()).decode()


def decrypt(ciphertext: str) -> str:
    """Return the secret. Raises `DecryptionError`."""
    try:
        return _load_keys().decrypt(ciphertext.encode()).decode()
    except InvalidToken as error:
        raise DecryptionError from error


def reencrypt(ciphertext: str) -> str:
    """Encrypt the same secret with the first key. Raises `DecryptionError`."""
    try:
        return _load_keys().rotate(ciphertext.encode()).decode()
    except InvalidToken as error:
        raise DecryptionError from error
