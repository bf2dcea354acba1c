"""Provide the base class of the API's views."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sage.api.idempotency import KEY_HEADER, check_key, respond_once

Handler = Callable[..., Response]


@extend_schema(
    methods=["POST"],
    parameters=[
        OpenApiParameter(
            KEY_HEADER,
            {"type": "string", "pattern": "^[!-~]([ -~]{0,253}[!-~])?$"},
            OpenApiParameter.HEADER,
            description="A key of your choice. The same request with the same key, sent again within 24 hours, gets "
            "the same response and does not run again.",
        )
    ],
)
class ApiView(APIView):
    """A view whose POST runs once for each `Idempotency-Key` of a user."""

    stores_body = True  # False if the response holds a secret; a replay then only says that the request was done

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        key = request.headers.get(KEY_HEADER)
        if key is None or request.method != "POST":
            return
        check_key(key)
        if request.user.is_authenticated:
            handler: Handler = getattr(self, "post", self.http_method_not_allowed)
            setattr(self, "post", partial(self._post_once, key, handler))  # noqa: B010 - not every view has one

    def _post_once(self, key: str, handler: Handler, request: Request, *args: Any, **kwargs: Any) -> Response:
        run = partial(self._run_in_savepoint, handler, request, *args, **kwargs)
        return respond_once(request, request.user, key, run, store_body=self.stores_body)

    def _run_in_savepoint(self, handler: Handler, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return the response, or the error response after undoing what the handler wrote."""
        try:
            with transaction.atomic():
                return handler(request, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - handle_exception raises it again unless it has a response
            return self.handle_exception(error)
