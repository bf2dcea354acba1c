import pytest

from accounts.models import UserSession

pytestmark = pytest.mark.django_db
MAX_QUERIES = 6
PASSWORD = "correct horse battery"

PAGES = ["", "signing-in/", "sessions/", "delete/", "email/", "password/change/", "google/"]


def log_in(client, **headers):
    return client.post("/account/login/", {"login": "alice@example.org", "password": PASSWORD}, headers=headers)


@pytest.mark.parametrize("page", PAGES)
def test_every_account_page_requires_a_login_and_is_not_cached(alice_client, page):
    answer = alice_client.get(f"/account/{page}")

    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store" or "no-store" in answer["Cache-Control"]
    alice_client.logout()
    assert alice_client.get(f"/account/{page}").url.startswith("/account/login/?next=")


def test_the_pages_of_two_step_verification_require_reauthentication(client, alice):
    log_in(client)
    assert client.get("/account/second-step/totp/activate/").url.startswith("/account/reauthenticate/")
    client.post("/account/reauthenticate/", {"password": PASSWORD})

    for page in ["totp/activate/", "webauthn/", "webauthn/add/"]:
        assert client.get(f"/account/second-step/{page}").status_code == 200
    assert client.get("/account/second-step/").url == "/account/signing-in/"


def test_saving_preferences_changes_nothing_else(alice_client, alice):
    alice_client.post("/account/choices/", {"note_offset_seconds": "3"})

    alice.refresh_from_db()
    assert (alice.ai_notes_enabled, alice.pauses_for_notes, alice.note_offset_seconds) == (False, False, 3)
    assert alice.name == "Alice"
    alice_client.post("/account/choices/", {"ai_notes_enabled": "on", "note_offset_seconds": "0"})
    alice.refresh_from_db()
    assert alice.ai_notes_enabled


@pytest.mark.parametrize("seconds", ["-1", "61", "x", ""])
def test_notes_start_at_most_a_minute_earlier(alice_client, alice, seconds):
    page = alice_client.post("/account/choices/", {"note_offset_seconds": seconds}, follow=True).content.decode()

    assert "The preferences were not saved." in page
    alice.refresh_from_db()
    assert alice.ai_notes_enabled


def test_sessions_are_listed_by_device_and_the_current_one_is_marked(client, alice, bob_client):
    bob_client.get("/library/")
    log_in(client, user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")

    page = client.get("/account/sessions/").content.decode()

    assert UserSession.objects.count() == 2
    assert page.count("Current session") == 1 and "Firefox on Linux" in page and "127.0.0.1" in page
    assert "Unknown device" not in page


def test_the_query_count_does_not_grow_with_the_sessions(alice_client, alice, client, django_assert_max_num_queries):
    alice_client.get("/account/sessions/")
    with django_assert_max_num_queries(MAX_QUERIES):
        alice_client.get("/account/sessions/")
    for _ in range(5):
        type(client)().post("/account/login/", {"login": "alice@example.org", "password": PASSWORD})

    with django_assert_max_num_queries(MAX_QUERIES):
        page = alice_client.get("/account/sessions/").content.decode()

    assert page.count("Sign out of Unknown device") == 6
