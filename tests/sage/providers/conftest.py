import pytest

from tests.model_servers import model_server
from tests.vendors import GOOD


@pytest.fixture
def model_vendor(settings, monkeypatch):
    """Start a double of the models of OpenAI and Gemini, whose keys the site has. There are no pauses between tries."""
    from sage.providers import calls  # needs Django, which is not loaded with this file

    monkeypatch.setattr(calls, "PAUSES_SECONDS", (0.0, 0.0))
    with model_server() as server:
        settings.OPENAI_BASE_URL = f"{server.address}/v1"
        settings.GEMINI_BASE_URL = server.address
        settings.OPENAI_API_KEY = GOOD["openai"]
        settings.GEMINI_API_KEY = GOOD["gemini"]
        yield server
