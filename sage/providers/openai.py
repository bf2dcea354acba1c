"""OpenAI, or a server that speaks its protocol."""

from django.conf import settings
from openai import APIStatusError, DefaultHttpxClient, OpenAI, OpenAIError

from sage.providers.checking import CALL_SECONDS, ProviderAway, judged


def check_key(key: str) -> None:
    """Ask which models there are. Raises `KeyRefused` or `ProviderAway`."""
    with DefaultHttpxClient(timeout=CALL_SECONDS, follow_redirects=False) as line:
        client = OpenAI(api_key=key, base_url=settings.OPENAI_BASE_URL, http_client=line, max_retries=0)
        try:
            client.models.list()
        except APIStatusError as error:
            raise judged(error.status_code) from None
        except (OpenAIError, ValueError) as error:  # no answer, or none that OpenAI would give
            raise ProviderAway(type(error).__name__) from None
