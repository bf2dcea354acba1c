"""Connect to OpenAI or a compatible server, and translate its errors."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import httpx2
from django.conf import settings
from openai import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APIStatusError,
    DefaultHttpxClient,
    OpenAI,
    OpenAIError,
)

from sage.providers import calls
from sage.providers.calls import CallFailure, FailureCode, failure_for_status
from sage.providers.keys import CALL_SECONDS, ProviderUnavailable, error_for_status


def check_key(key: str) -> None:
    """Check a key by listing the models. Raises `KeyRefused` or `ProviderUnavailable`."""
    with DefaultHttpxClient(timeout=CALL_SECONDS, follow_redirects=False) as http:
        client = OpenAI(api_key=key, base_url=settings.OPENAI_BASE_URL, http_client=http, max_retries=0)
        try:
            client.models.list()
        except APIStatusError as error:
            raise error_for_status(error.status_code) from None
        except (OpenAIError, ValueError) as error:  # no response, or an invalid one
            raise ProviderUnavailable(type(error).__name__) from None


@contextmanager
def open_client(key: str, base_url: str = "", idle_seconds: float = 0) -> Iterator[OpenAI]:
    """Open a client for one call, to `OPENAI_BASE_URL` by default. Errors inside become `CallFailure`.

    Redirects are not followed, because they would send the key to another host.
    """
    timeout = httpx2.Timeout(idle_seconds or calls.IDLE_SECONDS, connect=calls.CONNECT_SECONDS)
    options: Any = {"timeout": timeout, "follow_redirects": False, "verify": _create_tls_context()}
    with DefaultHttpxClient(**options) as http, _translated_errors():
        yield OpenAI(api_key=key, base_url=base_url or settings.OPENAI_BASE_URL, http_client=http, max_retries=0)


@cache
def _create_tls_context() -> ssl.SSLContext:
    """Return the TLS context that all clients share, because reading the certificates takes 20 ms."""
    return httpx2.create_ssl_context()


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except APIStatusError as error:
        raise failure_for_status(error.status_code, error.response.headers.get("Retry-After")) from None
    except APIResponseValidationError:
        raise CallFailure(FailureCode.MALFORMED) from None
    except APIConnectionError as error:
        is_timeout = isinstance(error.__cause__, httpx2.TimeoutException)
        is_connected = not isinstance(error.__cause__, httpx2.ConnectTimeout)
        raise CallFailure(FailureCode.TIMEOUT if is_timeout and is_connected else FailureCode.UNREACHABLE) from None
    except httpx2.TimeoutException:  # while a stream is read
        raise CallFailure(FailureCode.TIMEOUT) from None
    except httpx2.TransportError:
        raise CallFailure(FailureCode.UNREACHABLE) from None
    except APIError:
        raise CallFailure(FailureCode.UNAVAILABLE) from None
    except (OpenAIError, AttributeError, KeyError, TypeError, ValueError):  # the response has another shape
        raise CallFailure(FailureCode.MALFORMED) from None
