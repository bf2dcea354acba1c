"""Small films for fault scenarios, each with different bytes, so that deduplication never matches them."""

import secrets
import struct

import numpy as np

from tests import footage

RATE = 20


def plain() -> bytes:
    """Return two seconds that browsers can play."""
    return _film("plain", "libx264")


def longer() -> bytes:
    """Return the same film with an inserted second."""
    return _film("longer", "libx264")


def unplayable() -> bytes:
    """Return two seconds that browsers cannot play, so that a rendition is made."""
    return _film("plain", "libx265")


def with_unique_bytes(film: bytes) -> bytes:
    """Return the film with an appended random atom that players ignore, so that its bytes are unique."""
    return film + struct.pack(">I4s", 24, b"free") + secrets.token_bytes(16)


def _film(name: str, codec: str) -> bytes:
    bikes, bunny = footage.pixels("bikes", 160, 90), footage.pixels("bigbuckbunny", 160, 90)
    frames = bikes[:40] if name == "plain" else np.concatenate([bikes[:20], bunny[:20], bikes[20:40]])
    options = {"x265-params": "log-level=none"} if codec == "libx265" else None
    path = footage.cached(
        f"fault clip {name} {codec}", lambda path: footage.write(path, frames, RATE, codec, options) and None
    )
    return path.read_bytes()
