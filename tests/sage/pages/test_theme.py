import pytest

pytestmark = pytest.mark.django_db


def test_pages_are_dark_until_the_visitor_chooses(client):
    assert b'data-theme="dark"' in client.get("/account/login/").content


def test_the_chosen_theme_is_stored(client):
    answer = client.post("/theme/", {"theme": "light", "next": "/account/login/"})

    assert answer.url == "/account/login/"
    assert b'data-theme="light"' in client.get("/account/login/").content


def test_an_unknown_theme_is_ignored(client):
    client.post("/theme/", {"theme": "<script>"})

    assert b'data-theme="dark"' in client.get("/account/login/").content


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_theme_form_redirects_to_no_other_site(client, target):
    assert client.post("/theme/", {"theme": "light", "next": target}).url == "/"
