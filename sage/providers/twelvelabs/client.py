"""Connect to TwelveLabs, and translate its errors."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from django.conf import settings
from twelvelabs import TwelveLabs
from twelvelabs.core import ApiError

from sage.providers import calls
from sage.providers.calls import CallFailure, FailureCode, failure_for_status
from sage.providers.keys import CALL_SECONDS, ProviderUnavailable, error_for_status


def check_key(key: str) -> None:
    """Check a key by listing one of its tasks. Raises `KeyRefused` or `ProviderUnavailable`."""
    with httpx.Client(timeout=CALL_SECONDS, follow_redirects=False) as http:
        client = TwelveLabs(api_key=key, base_url=settings.TWELVELABS_BASE_URL, httpx_client=http)
        try:
            client.embed.tasks.list(page_limit=1, request_options={"max_retries": 0})
        except ApiError as error:
            raise error_for_status(error.status_code) from None
        except (httpx.HTTPError, ValueError) as error:  # no response, or an invalid one
            raise ProviderUnavailable(type(error).__name__) from None


@contextmanager
def open_client(key: str, idle_seconds: float = 0) -> Iterator[TwelveLabs]:
    """Open a client for one call. Errors inside become `CallFailure`.

    Redirects are not followed, because they would send the key to another host.
    """
    with open_http(idle_seconds) as http:
        yield TwelveLabs(api_key=key, base_url=settings.TWELVELABS_BASE_URL, httpx_client=http)


@contextmanager
def open_http(idle_seconds: float = 0) -> Iterator[httpx.Client]:
    """Open a connection without a key, for the addresses that TwelveLabs signs. Errors become `CallFailure`."""
    timeout = httpx.Timeout(idle_seconds or calls.IDLE_SECONDS, connect=calls.CONNECT_SECONDS)
    with httpx.Client(timeout=timeout, follow_redirects=False) as http, _translated_errors():
        yield http


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except ApiError as error:
        status = error.status_code or 0
        if 200 <= status < 300:  # the body is no JSON
            raise CallFailure(FailureCode.MALFORMED) from None
        headers = {name.lower(): value for name, value in (error.headers or {}).items()}
        raise failure_for_status(status, headers.get("retry-after")) from None
    except httpx.ConnectTimeout:
        raise CallFailure(FailureCode.UNREACHABLE) from None
    except httpx.TimeoutException:
        raise CallFailure(FailureCode.TIMEOUT) from None
    except httpx.HTTPError:
        raise CallFailure(FailureCode.UNREACHABLE) from None
    except (AttributeError, KeyError, TypeError, ValueError):  # the response has another shape
        raise CallFailure(FailureCode.MALFORMED) from None
