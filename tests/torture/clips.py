"""Small films to break things with, each of bytes of its own so that none is taken for another."""

import secrets
import struct

import numpy as np

from tests import footage

RATE = 20


def plain() -> bytes:
    """Two seconds that browsers play."""
    return _film("plain", "libx264")


def longer() -> bytes:
    """The same with a second put in."""
    return _film("longer", "libx264")


def unplayable() -> bytes:
    """Two seconds that browsers do not play, so that a copy is made for them."""
    return _film("plain", "libx265")


def unlike(film: bytes) -> bytes:
    """The same film in other bytes: an atom that players pass over is put at its end."""
    return film + struct.pack(">I4s", 24, b"free") + secrets.token_bytes(16)


def _film(cut: str, codec: str) -> bytes:
    bikes, bunny = footage.pixels("bikes", 160, 90), footage.pixels("bigbuckbunny", 160, 90)
    frames = bikes[:40] if cut == "plain" else np.concatenate([bikes[:20], bunny[:20], bikes[20:40]])
    options = {"x265-params": "log-level=none"} if codec == "libx265" else None
    path = footage.cached(
        f"torture {cut} {codec}", lambda path: footage.write(path, frames, RATE, codec, options) and None
    )
    return path.read_bytes()
