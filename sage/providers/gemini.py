"""Call Gemini with `google-generativeai`."""

import warnings
from typing import Any

from django.conf import settings

with warnings.catch_warnings():  # the package warns at each import that it is deprecated
    warnings.simplefilter("ignore", FutureWarning)
    import google.generativeai as genai
    from google.ai.generativelanguage import ModelServiceClient
    from google.api_core.exceptions import GoogleAPICallError, GoogleAPIError
    from google.auth.exceptions import GoogleAuthError
    from google.protobuf.json_format import ParseError

from requests import RequestException

from sage.providers.keys import CALL_SECONDS, KeyRefused, ProviderUnavailable, error_for_status


def check_key(key: str) -> None:
    """Check a key by listing one model. Raises `KeyRefused` or `ProviderUnavailable`.

    The client is created for this key only, because `genai.configure` would set the key for the whole process.
    """
    options = {"api_endpoint": settings.GEMINI_BASE_URL, "api_key": key}
    once: Any = {"timeout": CALL_SECONDS, "retry": None}
    try:
        client = ModelServiceClient(transport="rest", client_options=options)
        vars(client.transport)["_session"].max_redirects = 0  # a redirect would send the key to another host
        model = next(iter(genai.list_models(page_size=1, client=client, request_options=once)), None)
    except GoogleAPICallError as error:
        if error.code == 400 and "API key" in str(error.message):  # Gemini's answer to an invalid key
            raise KeyRefused from None
        raise error_for_status(error.code) from None
    except (GoogleAPIError, GoogleAuthError, ParseError, RequestException, ValueError) as error:
        raise ProviderUnavailable(type(error).__name__) from None
    if model is None:
        raise ProviderUnavailable("the list of models is empty")
