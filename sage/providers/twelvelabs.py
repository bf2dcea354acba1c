"""Call TwelveLabs, a provider of models that understand videos."""

import httpx
from django.conf import settings
from twelvelabs import TwelveLabs
from twelvelabs.core import ApiError

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
