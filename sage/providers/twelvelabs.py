"""TwelveLabs: understands videos."""

import httpx
from django.conf import settings
from twelvelabs import TwelveLabs
from twelvelabs.core import ApiError

from sage.providers.checking import CALL_SECONDS, ProviderAway, judged


def check_key(key: str) -> None:
    """Ask for one of the tasks that this key has begun. Raises `KeyRefused` or `ProviderAway`."""
    with httpx.Client(timeout=CALL_SECONDS, follow_redirects=False) as line:
        client = TwelveLabs(api_key=key, base_url=settings.TWELVELABS_BASE_URL, httpx_client=line)
        try:
            client.embed.tasks.list(page_limit=1, request_options={"max_retries": 0})
        except ApiError as error:
            raise judged(error.status_code) from None
        except (httpx.HTTPError, ValueError) as error:  # no answer, or none that TwelveLabs would give
            raise ProviderAway(type(error).__name__) from None
