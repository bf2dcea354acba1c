"""Validate email addresses and names, to prevent look-alikes and email header injection."""

import unicodedata

from django.core.exceptions import ValidationError

# Invisible characters and direction marks. Names in any script work without them. The joiners U+200C and U+200D are
# allowed because some scripts need them.
_INVISIBLE = frozenset(
    "\u200b\u200e\u200f\u2028\u2029\u2060\ufeff"  # zero width
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # writing direction
)


def validate_email_characters(email: str) -> None:
    """Reject addresses with non-ASCII characters. “аlice@” with a Cyrillic а would imitate another user's address."""
    if not email.isascii() or not email.isprintable():
        raise ValidationError(
            "Use only Latin letters without accents. Write an internationalised domain as xn--…",
            code="invalid",
        )


def validate_name_characters(name: str) -> None:
    """Reject names with line breaks or invisible characters."""
    if any(letter in _INVISIBLE or unicodedata.category(letter) == "Cc" for letter in name):
        raise ValidationError("Use one line of visible characters.", code="invalid")
