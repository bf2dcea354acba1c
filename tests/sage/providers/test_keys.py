import socket
import threading
import time
from contextlib import suppress
from importlib import import_module

import pytest

from sage.providers import keys
from sage.providers.keys import Provider, Verdict, check
from tests.site import free_port
from tests.vendors import BAD, GOOD

PROVIDERS = list(Provider)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(keys, "PAUSE_SECONDS", 0)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_key_is_checked_with_one_request(vendors, provider):
    assert check(provider, GOOD[provider]) is Verdict.ACCEPTED
    assert check(provider, BAD[provider]) is Verdict.REFUSED

    assert len(vendors.requested_paths) == 2


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("response", "verdict", "calls"),
    [
        (403, Verdict.REFUSED, 1),
        (429, Verdict.UNAVAILABLE, 2),  # says nothing about the key
        (503, Verdict.UNAVAILABLE, 2),
        (302, Verdict.UNAVAILABLE, 2),  # the key is not sent to another address
        (b"<h1>Sign in to the hotel's network</h1>", Verdict.UNAVAILABLE, 2),
    ],
)
def test_only_a_clear_response_decides_about_the_key(vendors, caplog, provider, response, verdict, calls):
    vendors.forced_response = response

    assert check(provider, GOOD[provider]) is verdict

    assert len(vendors.requested_paths) == calls
    assert "/elsewhere" not in vendors.requested_paths
    assert GOOD[provider] not in caplog.text


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_unreachable_provider_is_reported_as_unavailable(settings, provider):
    for name in ("TWELVELABS_BASE_URL", "GEMINI_BASE_URL", "OPENAI_BASE_URL"):
        setattr(settings, name, f"http://127.0.0.1:{free_port()}")

    assert check(provider, GOOD[provider]) is Verdict.UNAVAILABLE


@pytest.fixture
def slow_provider(settings):
    """Start a server that sends one byte of its response every half second."""
    server = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def answer():
        while not ended.is_set():
            try:
                client, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=drip, args=(client,), daemon=True).start()

    def drip(client):
        with client, suppress(OSError):
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while not ended.wait(0.5):
                client.sendall(b" ")

    threading.Thread(target=answer, daemon=True).start()
    for name in ("TWELVELABS_BASE_URL", "GEMINI_BASE_URL", "OPENAI_BASE_URL"):
        setattr(settings, name, f"http://127.0.0.1:{server.getsockname()[1]}")
    yield
    ended.set()
    server.close()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_slow_provider_is_given_up_after_five_seconds_with_a_warning(slow_provider, provider, caplog):
    import_module(f"sage.providers.{provider.value}")
    began = time.monotonic()

    assert check(provider, GOOD[provider]) is Verdict.UNAVAILABLE

    assert time.monotonic() - began < 7
    assert {record.levelname for record in caplog.records if record.name == "sage.providers.keys"} == {"WARNING"}
