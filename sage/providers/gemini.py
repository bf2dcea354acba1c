"""Gemini, by `google-generativeai`."""

import warnings
from typing import Any

from django.conf import settings

with warnings.catch_warnings():  # it says at each import that it gets no more updates
    warnings.simplefilter("ignore", FutureWarning)
    import google.generativeai as genai
    from google.ai.generativelanguage import ModelServiceClient
    from google.api_core.exceptions import GoogleAPICallError, GoogleAPIError
    from google.auth.exceptions import GoogleAuthError
    from google.protobuf.json_format import ParseError

from requests import RequestException

from sage.providers.checking import CALL_SECONDS, KeyRefused, ProviderAway, judged


def check_key(key: str) -> None:
    """Ask for one of the models. Raises `KeyRefused` or `ProviderAway`.

    `genai.configure` would set the key for the whole process, so the client is made here, for this key alone.
    """
    options = {"api_endpoint": settings.GEMINI_BASE_URL, "api_key": key}
    once: Any = {"timeout": CALL_SECONDS, "retry": None}
    try:
        client = ModelServiceClient(transport="rest", client_options=options)
        vars(client.transport)["_session"].max_redirects = 0  # it would take the key along, to whoever that is
        model = next(iter(genai.list_models(page_size=1, client=client, request_options=once)), None)
    except GoogleAPICallError as error:
        if error.code == 400 and "API key" in str(error.message):  # Gemini's way to say 401
            raise KeyRefused from None
        raise judged(error.code) from None
    except (GoogleAPIError, GoogleAuthError, ParseError, RequestException, ValueError) as error:
        raise ProviderAway(type(error).__name__) from None
    if model is None:
        raise ProviderAway("it named no model")
