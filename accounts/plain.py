"""Addresses and names without tricks: what looks the same is the same, and nothing reaches into a mail's header."""

import unicodedata

from django.core.exceptions import ValidationError

# Marks that turn the direction of writing around or take no room. Names in any script do without the former, and
# scripts that join their letters need the two joiners (U+200C, U+200D) among the latter.
_TRICKS = frozenset(
    "\u200b\u200e\u200f\u2028\u2029\u2060\ufeff"  # no room
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # direction
)


def plain_address(email: str) -> None:
    """Refuse an address of other letters than ASCII's: “аlice@” with a Cyrillic а would be somebody else's Alice."""
    if not email.isascii() or not email.isprintable():
        raise ValidationError(
            "Write the address in plain Latin letters, without accents. A domain of other letters is written as xn--…",
            code="invalid",
        )


def plain_name(name: str) -> None:
    """Refuse line breaks and other characters that are not seen."""
    if any(letter in _TRICKS or unicodedata.category(letter) == "Cc" for letter in name):
        raise ValidationError("A name is one line of visible characters. Type it by hand.", code="invalid")
