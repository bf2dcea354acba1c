import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_missing_page_is_404(client):
    answer = client.get("/nothing/here/")

    assert answer.status_code == 404
    assert b"Nothing was found at this address" in answer.content


def test_the_404_page_links_anonymous_visitors_to_the_login(client, alice_client):
    path = "/compare/00000000-0000-0000-0000-000000000007/?t=3"
    client.logout()

    assert b"/account/login/?next=/compare/00000000-0000-0000-0000-000000000007/%3Ft%3D3" in client.get(path).content
    assert b"?next=" not in client.get("/s/none").content


def test_a_form_without_a_csrf_token_says_what_to_do(alice):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)

    answer = strict.post("/library/upload/")

    assert answer.status_code == 403
    assert b"Reload the page" in answer.content


def test_an_internal_error_shows_no_detail(alice_client, monkeypatch):
    alice_client.raise_request_exception = False
    monkeypatch.setattr("videos.views.library.Paginator", None)

    answer = alice_client.get("/library/")

    assert answer.status_code == 500
    assert b"the error was logged" in answer.content
    assert b"NoneType" not in answer.content
