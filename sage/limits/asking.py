"""Who asks for what, counted."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from sage.limits.addresses import address_of, address_of_socket
from sage.limits.classes import BY_ADDRESS, Class, class_of
from sage.limits.counters import counters
from sage.limits.rates import Verdict


def counted(request: HttpRequest, user: Any) -> Verdict | None:
    """What is said to this request of `user`, their key, or of a visitor; None where nothing is counted here."""
    which = class_of(request)
    if which is None or which is Class.STATIC:
        return None
    return count(which, f"user:{user}" if user and which not in BY_ADDRESS else visitor(request))


def count(which: Class, who: str, *, only_look: bool = False) -> Verdict:
    return counters.count(f"{which.value}:{who}", settings.LIMITS[which.value], only_look=only_look)


def visitor(request: HttpRequest) -> str:
    return f"from:{address_of(request)}"


def socket_visitor(scope: dict[str, Any]) -> str:
    return f"from:{address_of_socket(scope)}"
