"""Call OpenAI or a compatible server."""

from django.conf import settings
from openai import APIStatusError, DefaultHttpxClient, OpenAI, OpenAIError

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
