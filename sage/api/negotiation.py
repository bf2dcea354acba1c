"""Choose the format of a response without regard to its `Accept` header."""

from collections.abc import Iterable

from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class LenientContentNegotiation(DefaultContentNegotiation):
    """Use the first renderer, JSON, if the `Accept` header matches none, instead of answering 406."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        available = list(renderers)
        try:
            return super().select_renderer(request, available, format_suffix)
        except NotAcceptable:
            return available[0], str(available[0].media_type)
