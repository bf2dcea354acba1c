"""Give what a guest has made to the account that they sign up or sign in to.

Higher apps register functions that move their own data (`register_move`).
"""

from collections.abc import Callable
from typing import Any

from accounts.models import User

Move = Callable[[str, User], Any]
_moves: list[Move] = []


def register_move(move: Move) -> None:
    """Call `move` with the id of a guest and the account. It may be called again."""
    if move not in _moves:
        _moves.append(move)


def move_guest(guest_id: str, user: User) -> None:
    """Move everything of a guest to an account. Do nothing without a guest."""
    if guest_id:
        for move in _moves:
            move(guest_id, user)
