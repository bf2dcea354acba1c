"""Every response says which browser features it uses and which sites may load it."""

import pytest

pytestmark = pytest.mark.django_db
EXTENSION = "chrome-extension://abcdefghijklmnopabcdefghijklmnop"


def read_policies(answer):
    return answer.headers.get("Cross-Origin-Resource-Policy"), "camera=()" in answer.headers.get(
        "Permissions-Policy", ""
    )


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/account/login/", 200),
        ("/library/", 302),
        ("/nothing/here/", 404),
        ("/static/nothing.css", 404),
        ("/static/sage/icon.svg", 200),
        ("/v2/auth/status", 200),
        ("/v2/videos", 401),
        ("/v2/nothing", 404),
    ],
)
def test_pages_static_files_and_errors_can_be_loaded_only_by_this_site(client, path, status):
    answer = client.get(path)

    assert (answer.status_code, read_policies(answer)) == (status, ("same-origin", True))


def test_a_refused_host_has_the_policies(client):
    answer = client.get("/", headers={"Host": "evil.example"})

    assert (answer.status_code, read_policies(answer)) == (400, ("same-origin", True))


def test_an_internal_error_has_the_policies(alice_client, monkeypatch):
    alice_client.raise_request_exception = False
    monkeypatch.setattr("videos.views.library.Paginator", None)

    answer = alice_client.get("/library/")

    assert (answer.status_code, read_policies(answer)) == (500, ("same-origin", True))


@pytest.mark.parametrize(("origin", "policy"), [(EXTENSION, "cross-origin"), ("https://evil.example", "same-origin")])
def test_only_a_listed_origin_can_load_a_response_of_the_api(client, settings, origin, policy):
    settings.CORS_ALLOWED_ORIGINS = [EXTENSION]

    for path in ("/v2/auth/status", "/v2/nothing"):
        assert read_policies(client.get(path, headers={"Origin": origin})) == (policy, True)
    assert read_policies(client.get("/account/login/", headers={"Origin": origin})) == ("same-origin", True)
