import pytest

from accounts.models import UserSession

pytestmark = pytest.mark.django_db
MOST_QUERIES = 6
PASSWORD = "correct horse battery"

ROOMS = ["", "signing-in/", "sessions/", "delete/", "email/", "password/change/", "google/"]


def log_in(client, **headers):
    return client.post("/account/login/", {"login": "alice@example.org", "password": PASSWORD}, headers=headers)


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_of_the_account_is_private_and_kept_by_no_browser(alices, room):
    answer = alices.get(f"/account/{room}")

    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store" or "no-store" in answer["Cache-Control"]
    alices.logout()
    assert alices.get(f"/account/{room}").url.startswith("/account/login/?next=")


def test_the_second_step_has_its_pages(client, alice):
    log_in(client)
    assert client.get("/account/second-step/totp/activate/").url.startswith("/account/reauthenticate/")
    client.post("/account/reauthenticate/", {"password": PASSWORD})

    for page in ["totp/activate/", "webauthn/", "webauthn/add/"]:
        assert client.get(f"/account/second-step/{page}").status_code == 200
    assert client.get("/account/second-step/").url == "/account/signing-in/"


def test_a_choice_changes_only_itself(alices, alice):
    alices.post("/account/choices/", {})

    alice.refresh_from_db()
    assert not alice.ai_notes_enabled and alice.name == "Alice"
    alices.post("/account/choices/", {"ai_notes_enabled": "on"})
    alice.refresh_from_db()
    assert alice.ai_notes_enabled


def test_sessions_are_listed_by_device_and_the_current_one_is_marked(client, alice, bobs):
    bobs.get("/library/")
    log_in(client, user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")

    page = client.get("/account/sessions/").content.decode()

    assert UserSession.objects.count() == 2
    assert page.count("This one") == 1 and "Firefox on Linux" in page and "127.0.0.1" in page
    assert "An unknown device" not in page


def test_the_list_of_sessions_takes_as_many_queries_for_many(alices, alice, client, django_assert_max_num_queries):
    alices.get("/account/sessions/")
    with django_assert_max_num_queries(MOST_QUERIES):
        alices.get("/account/sessions/")
    for _ in range(5):
        type(client)().post("/account/login/", {"login": "alice@example.org", "password": PASSWORD})

    with django_assert_max_num_queries(MOST_QUERIES):
        page = alices.get("/account/sessions/").content.decode()

    assert page.count("Sign out An unknown device") == 6
