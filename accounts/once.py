"""Once only: a POST that is sent again with the same `Idempotency-Key` gets its first answer again.

The answer is kept in the transaction of the work itself. So what was done has an answer, what failed half-way has
neither, and of two that come at once the second waits for the first.
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView

from accounts.models import Answer, User
from sage.errors import Conflict, Problem, error_body
from sage.sealing import Unreadable

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replay"
KEPT = timedelta(hours=24)
WAIT_SECONDS = 10
SHOWN_ONCE = "This was done, and its answer is shown only once. Undo it, then ask again with a new key."
Handler = Callable[..., Response]


@extend_schema(
    methods=["POST"],
    parameters=[
        OpenApiParameter(
            HEADER,
            {"type": "string", "pattern": "^[!-~]([ -~]{0,253}[!-~])?$"},
            OpenApiParameter.HEADER,
            description="Of your making. The same request with it, sent again within a day, gets the same answer and "
            "is not done again.",
        )
    ],
)
class Door(APIView):
    """A view of the API whose POST is done once for each key."""

    shown_once = False  # its answer holds a secret, which is not kept: asked again, it says only that it was done

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        key = request.headers.get(HEADER)
        if key is not None and request.method == "POST" and isinstance(request.user, User):
            handler: Handler = getattr(self, "post", self.http_method_not_allowed)
            setattr(self, "post", partial(self._once, request.user, key, handler))  # noqa: B010 - not all have one

    def _once(self, user: User, key: str, handler: Handler, request: Request, *args: Any, **kwargs: Any) -> Response:
        if not re.fullmatch(r"[ -~]{1,255}", key):
            raise Problem(f"An {HEADER} is 1 to 255 printable characters.")
        asked = _digest(request)
        with transaction.atomic():
            answer, is_first = _claim(user, key, asked)
            if not is_first:
                if answer.asked != asked:
                    raise Conflict(f"This {HEADER} was used for another request. Send this one with a new key.")
                return _again(answer)
            response = self._answered(handler, request, *args, **kwargs)
            if response.status_code >= 500 or response.status_code == 429:
                answer.delete()  # it may go better next time
            elif self.shown_once and response.status_code < 300:
                answer.keep(409, error_body("CONFLICT", SHOWN_ONCE))
            else:
                answer.keep(response.status_code, response.data)
        return response

    def _answered(self, handler: Handler, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What went wrong is an answer as well; whatever was written until then is undone."""
        try:
            with transaction.atomic():
                return handler(request, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - raised again by `handle_exception` where it is no answer
            return self.handle_exception(error)


def forget_old() -> None:
    """Remove the answers that nobody may ask for again."""
    Answer.objects.filter(created_at__lt=timezone.now() - KEPT).delete()


def _claim(user: User, key: str, asked: str) -> tuple[Answer, bool]:
    """The answer to this key, and whether it is still to be given. Another request with it is waited for."""
    Answer.objects.filter(user=user, key=key, created_at__lt=timezone.now() - KEPT).delete()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")
            Answer.objects.bulk_create([Answer(user=user, key=key, asked=asked)], ignore_conflicts=True)
            cursor.execute("SET LOCAL lock_timeout = 0")
    except OperationalError as error:
        raise Conflict("The same request is still being answered. Try again in a moment.") from error
    kept = Answer.objects.get(user=user, key=key)
    return kept, kept.status is None


def _again(answer: Answer) -> Response:
    try:
        return Response(answer.body, status=answer.status, headers={REPLAYED: "true"})
    except Unreadable as error:  # the key that sealed it was taken away
        raise Conflict(SHOWN_ONCE) from error


def _digest(request: Request) -> str:
    """What was asked: where, and with which body, files included."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    digest.update(json.dumps(_plain(request.data), sort_keys=True, cls=JSONEncoder).encode())
    return digest.hexdigest()


def _plain(data: Any) -> Any:
    if not hasattr(data, "lists"):
        return data
    return {
        name: [_of_file(one) if isinstance(one, UploadedFile) else one for one in all_] for name, all_ in data.lists()
    }


def _of_file(file: UploadedFile) -> list[Any]:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return [file.name, file.size, digest.hexdigest()]
