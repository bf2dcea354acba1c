"""Call providers under one policy: timeouts, tries, plain errors and a record of each call.

The messages of providers are neither logged nor shown, because they may contain the key.
"""

import enum
import logging
import time
import uuid
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeAlias, TypeVar

from django.db import Error as AnyDatabaseError
from django.utils import timezone

from sage.models import ProviderCall
from sage.providers.errors import ProviderError, ProviderRejected
from sage.providers.keys import REFUSALS

log = logging.getLogger(__name__)
T = TypeVar("T")
Chunks: TypeAlias = Generator[T, None, None]
CONNECT_SECONDS = 5.0  # timeout of a connection
IDLE_SECONDS = 60.0  # timeout of each wait for bytes of the response
TRIES = 3  # of a call, before the first chunk of its response
PAUSES_SECONDS = (0.5, 2.0)  # after the first and the second try
LONGEST_PAUSE_SECONDS = 30.0  # that a Retry-After may ask for; a longer one ends the call


class FailureCode(enum.StrEnum):
    """Why a call failed, as `ProviderCall.error_code`."""

    KEY_REFUSED = "key_refused"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    BROKEN = "broken"
    MALFORMED = "malformed"
    BAD_REQUEST = "bad_request"
    UNSUITABLE = "unsuitable"
    TASK_FAILED = "task_failed"
    GONE = "gone"
    EMPTY = "empty"
    BLOCKED = "blocked"
    UNEXPECTED = "unexpected"


SENTENCES = {
    FailureCode.RATE_LIMITED: "{provider} is busy, or its quota is used up. Try again later.",
    FailureCode.UNAVAILABLE: "{provider} is unavailable. Try again in a moment.",
    FailureCode.UNREACHABLE: "{provider} could not be reached. Try again in a moment.",
    FailureCode.TIMEOUT: "{provider} did not respond in time. Try again in a moment.",
    FailureCode.BROKEN: "The connection to {provider} was lost during the response. Try again.",
    FailureCode.MALFORMED: "{provider} sent a response that Sage cannot read. Try again later.",
    FailureCode.BAD_REQUEST: "{provider} could not process the request. Ask the operator to check the model {model}.",
    FailureCode.UNSUITABLE: "{provider} does not accept this video. It may be too short, too long or too small for "
    "{model}. Upload another export, or ask the operator to change the model.",
    FailureCode.TASK_FAILED: "{provider} could not process this video. Retry, or upload another export.",
    FailureCode.GONE: "{provider} no longer has its copy of this video. Retry.",
    FailureCode.EMPTY: "{provider} gave no answer. Try again, or ask in other words.",
    FailureCode.BLOCKED: "{provider} declined to answer. Ask in other words.",
}
TEMPORARY = {FailureCode.RATE_LIMITED, FailureCode.UNAVAILABLE, FailureCode.UNREACHABLE}  # tried again
PERMANENT = {FailureCode.BAD_REQUEST, FailureCode.UNSUITABLE, FailureCode.TASK_FAILED, FailureCode.GONE}


class CallFailure(Exception):
    """One try failed. `retry_after_seconds` is the pause that the provider asks for."""

    def __init__(self, code: FailureCode, retry_after_seconds: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True)
class Caller:
    """The key of a call, and for what and for whom it is made. `on_key_refused` concerns a user's own key."""

    key: str = field(default="", repr=False)
    purpose: str = ""
    user_id: uuid.UUID | None = None
    is_own_key: bool = False
    on_key_refused: Callable[[], None] | None = None


@dataclass(slots=True)
class Usage:
    """What a call used, as the provider reports it. None if unknown."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    audio_seconds: float | None = None
    video_seconds: float | None = None


class VendorCall:
    """One call to a provider, with all its tries. A try raises `CallFailure` and may set `usage`."""

    def __init__(
        self, provider: str, model: str, caller: Caller, max_tries: int = TRIES, *, records_success: bool = True
    ) -> None:
        """Prepare a call. `provider` is a name for users, `model` the name in the record of the call.

        Without `records_success` only a failure is recorded, for calls that only ask how far a task is.
        """
        self._provider = provider
        self._model = model
        self._caller = caller
        self._max_tries = max_tries
        self._records_success = records_success
        self.usage = Usage()

    def run(self, attempt: Callable[[], T]) -> T:
        """Return the result of `attempt`. Raises `ProviderError`."""

        def once() -> Chunks[T]:
            yield attempt()

        with closing(self.stream(once)) as results:
            return next(results)

    def stream(self, attempt: Callable[[], Chunks[T]]) -> Chunks[T]:
        """Yield the chunks of `attempt`, which is tried again before the first chunk only. Raises `ProviderError`.

        The generator of `attempt` is closed if the reader closes this one.
        """
        started_at, began = timezone.now(), time.monotonic()
        code: str = FailureCode.UNEXPECTED
        try:
            yield from self._try_repeatedly(attempt)
            code = ""
        except GeneratorExit:  # the reader needs no more
            code = ""
            raise
        except CallFailure as failure:
            code = failure.code
            log.warning("%s: a call for %s failed: %s", self._model, self._caller.purpose or "no purpose", code)
            raise self._describe(failure) from None
        finally:
            if code or self._records_success:
                self._record(started_at, time.monotonic() - began, code)

    def _try_repeatedly(self, attempt: Callable[[], Chunks[T]]) -> Chunks[T]:
        for tries in range(1, self._max_tries + 1):
            has_started = False
            try:
                with closing(attempt()) as chunks:
                    for chunk in chunks:
                        has_started = True
                        yield chunk
            except CallFailure as failure:
                if has_started and failure.code is FailureCode.UNREACHABLE:
                    raise CallFailure(FailureCode.BROKEN) from None
                pause = failure.retry_after_seconds
                if pause is None:
                    pause = PAUSES_SECONDS[min(tries, len(PAUSES_SECONDS)) - 1]
                is_final = has_started or tries == self._max_tries or pause > LONGEST_PAUSE_SECONDS
                if is_final or failure.code not in TEMPORARY:
                    raise
                time.sleep(pause)
            else:
                return

    def _describe(self, failure: CallFailure) -> ProviderError:
        """Return the error for users. Report a refused key of a user."""
        if failure.code is not FailureCode.KEY_REFUSED:
            kind = ProviderRejected if failure.code in PERMANENT else ProviderError
            error = kind(SENTENCES[failure.code].format(provider=self._provider, model=self._model))
            error.retry_after_seconds = failure.retry_after_seconds
            return error
        if not self._caller.is_own_key:
            return ProviderRejected(
                f"{self._provider} does not accept this site's key. Ask the operator to replace it."
            )
        if self._caller.on_key_refused:
            self._caller.on_key_refused()
        return ProviderRejected(f"{self._provider} does not accept your key. Replace it under Provider keys.")

    def _record(self, started_at: datetime, seconds: float, code: str) -> None:
        """Record the call. A database that is unavailable does not take the answer away."""
        try:
            ProviderCall.objects.create(
                purpose=self._caller.purpose,
                model=self._model[:200],
                user_id=self._caller.user_id,
                started_at=started_at,
                seconds=seconds,
                input_tokens=self.usage.input_tokens,
                output_tokens=self.usage.output_tokens,
                audio_seconds=self.usage.audio_seconds,
                video_seconds=self.usage.video_seconds,
                ok=not code,
                error_code=code,
            )
        except AnyDatabaseError as error:
            log.warning("%s: could not record a call: %s", self._model, type(error).__name__)


def failure_for_status(status: int | None, retry_after: str | None = None) -> CallFailure:
    """Return the failure for an HTTP error status. `retry_after` is the header with this name."""
    if status in REFUSALS:
        return CallFailure(FailureCode.KEY_REFUSED)
    if status == 429:
        return CallFailure(FailureCode.RATE_LIMITED, parse_retry_after(retry_after))
    if status is not None and status >= 500:
        return CallFailure(FailureCode.UNAVAILABLE, parse_retry_after(retry_after))
    return CallFailure(FailureCode.BAD_REQUEST)


def parse_retry_after(value: str | None) -> float | None:
    """Return the seconds of a `Retry-After` header (RFC 9110, section 10.2.3). None if it is missing or invalid."""
    if not value:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - timezone.now()).total_seconds())
