"""How the API answers, whatever a request says it accepts."""

from collections.abc import Iterable

from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class Whatever(DefaultContentNegotiation):
    """What is accepted where there is it, else what comes first, which is JSON: no call fails for its `Accept`."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        there = list(renderers)
        try:
            return super().select_renderer(request, there, format_suffix)
        except NotAcceptable:
            return there[0], str(there[0].media_type)
