import pytest

from sage.providers import checking
from sage.providers.checking import Provider, Verdict, check
from tests.site import free_port
from tests.vendors import BAD, GOOD

PROVIDERS = list(Provider)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(checking, "PAUSE_SECONDS", 0)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_key_is_checked_by_one_small_call(vendors, provider):
    assert check(provider, GOOD[provider]) is Verdict.ACCEPTED
    assert check(provider, BAD[provider]) is Verdict.REFUSED

    assert len(vendors.asked) == 2


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("mood", "verdict", "calls"),
    [
        (403, Verdict.REFUSED, 1),
        (429, Verdict.AWAY, 2),  # it says nothing about the key
        (503, Verdict.AWAY, 2),
        (302, Verdict.AWAY, 2),  # a key is sent to nobody else
        (b"<h1>Sign in to the hotel's network</h1>", Verdict.AWAY, 2),
    ],
)
def test_only_a_clear_answer_says_something_about_the_key(vendors, caplog, provider, mood, verdict, calls):
    vendors.mood = mood

    assert check(provider, GOOD[provider]) is verdict

    assert len(vendors.asked) == calls
    assert "/elsewhere" not in vendors.asked
    assert GOOD[provider] not in caplog.text


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_that_cannot_be_reached_is_away(settings, provider):
    for name in ("TWELVELABS_BASE_URL", "GEMINI_BASE_URL", "OPENAI_BASE_URL"):
        setattr(settings, name, f"http://127.0.0.1:{free_port()}")

    assert check(provider, GOOD[provider]) is Verdict.AWAY
