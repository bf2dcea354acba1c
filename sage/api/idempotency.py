"""Run a POST once for each `Idempotency-Key` and replay its stored response.

The response is stored in the transaction of the work itself: work that was done has a response, work that failed
halfway has neither. Of two requests that arrive together, the second waits for the first.
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import LockNotAvailable
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from sage.encryption import DecryptionError
from sage.errors import BadRequest, Conflict, error_body
from sage.models import IdempotentResponse

KEY_HEADER = "Idempotency-Key"
REPLAY_HEADER = "Idempotent-Replay"
LIFETIME = timedelta(hours=24)
LOCK_TIMEOUT_SECONDS = 10  # the longest wait for a running request with the same key
SHOWN_ONCE = "This was done, and its response is shown only once. Undo it, then send the request with a new key."


def respond_once(
    request: Request, user: Any, key: str, run: Callable[[], Response], *, store_body: bool = True
) -> Response:
    """Return the stored response to this key, or the response of `run`, which is stored.

    Without `store_body` a later request with the key gets 409 instead of the body. Raises `Conflict` for a key that
    belongs to another request.
    """
    digest = _digest_request(request)
    with transaction.atomic():
        stored = _lock_response(user, key, digest)
        if stored.request_digest != digest:
            raise Conflict(f"This {KEY_HEADER} was used for another request. Send this one with a new key.")
        if stored.status is not None:
            return _replay(stored)
        response = run()
        if response.status_code >= 500 or response.status_code == 429:
            stored.delete()  # a retry may succeed
        elif store_body or response.status_code >= 300:
            stored.store(response.status_code, response.data)
        else:
            stored.store(409, error_body("CONFLICT", SHOWN_ONCE))
    return response


def check_key(key: str) -> None:
    """Raise `BadRequest` for an invalid key."""
    if not re.fullmatch(r"[ -~]{1,255}", key):
        raise BadRequest(f"An {KEY_HEADER} must have 1 to 255 printable characters.")


def delete_expired_responses() -> None:
    """Delete the responses that are no longer replayed."""
    IdempotentResponse.objects.filter(created_at__lt=timezone.now() - LIFETIME).delete()


def _lock_response(user: Any, key: str, digest: str) -> IdempotentResponse:
    """Return the row of this key, created if it is new. Wait while another request with the key runs."""
    rows = IdempotentResponse.objects.filter(user=user, key=key)
    rows.filter(created_at__lt=timezone.now() - LIFETIME).delete()
    row = IdempotentResponse(user=user, key=key, request_digest=digest)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'")
            IdempotentResponse.objects.bulk_create([row], ignore_conflicts=True)
            cursor.execute("SET LOCAL lock_timeout = 0")
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise Conflict("The same request is still running. Try again in a moment.") from error
    stored: IdempotentResponse = rows.get()
    return stored


def _replay(stored: IdempotentResponse) -> Response:
    try:
        return Response(stored.body, status=stored.status, headers={REPLAY_HEADER: "true"})
    except DecryptionError as error:  # its encryption key was removed
        raise Conflict(SHOWN_ONCE) from error


def _digest_request(request: Request) -> str:
    """Return the SHA-256 of the method, the address and the body, files included."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    digest.update(json.dumps(_serialise_data(request.data), sort_keys=True, cls=JSONEncoder).encode())
    return digest.hexdigest()


def _serialise_data(data: Any) -> Any:
    if not hasattr(data, "lists"):
        return data
    return {
        name: [_describe_file(value) if isinstance(value, UploadedFile) else value for value in values]
        for name, values in data.lists()
    }


def _describe_file(file: UploadedFile) -> list[Any]:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return [file.name, file.size, digest.hexdigest()]
