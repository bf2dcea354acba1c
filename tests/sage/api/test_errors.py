import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_an_unknown_api_url_answers_with_the_error_body(alice_client):
    answer = alice_client.get("/v2/nothing")

    assert answer.status_code == 404
    assert answer.json() == {
        "error": {
            "code": "NOT_FOUND",
            "message": "Nothing was found at this address. It may have been deleted, or you may not have access to it.",
            "details": {},
        }
    }


def test_the_api_asks_anonymous_clients_to_sign_in(client):
    answer = client.post("/v2/uploads", {}, "application/json")

    assert answer.status_code == 403 or answer.status_code == 401
    assert answer.json()["error"]["code"] == "UNAUTHORIZED"


@pytest.mark.parametrize("accept", ["text/html", "image/webp", "application/xml;q=0.9", "nonsense"])
def test_the_api_responds_in_json_for_any_accept_header(client, alice_client, accept):
    answers = [one.get("/v2/users/me", headers={"Accept": accept}) for one in (alice_client, Client())]
    answers.append(client.get("/v2/schema/", headers={"Accept": accept}))

    assert [answer.status_code for answer in answers] == [200, 401, 200]
    assert all("json" in answer.headers["Content-Type"] and answer.json() for answer in answers)


def test_invalid_fields_are_named_with_a_rule(alice_client):
    answer = alice_client.post("/v2/uploads", {"size": "many"}, "application/json")

    assert answer.status_code == 422
    assert {(one["field"], one["type"]) for one in answer.json()["error"]["details"]} == {
        ("filename", "missing"),
        ("size", "invalid"),
    }


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        ("{", "application/json", 400, "BAD_REQUEST"),
        ("x", "text/plain", 415, "UNSUPPORTED_MEDIA_TYPE"),
    ],
)
def test_an_unreadable_body_is_refused_with_the_error_body(alice_client, body, content_type, status, code):
    answer = alice_client.generic("POST", "/v2/uploads", body, content_type)

    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code


def test_a_wrong_method_is_405(alice_client):
    answer = alice_client.get("/v2/uploads")

    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "METHOD_NOT_ALLOWED"


def test_an_internal_error_of_the_api_shows_no_detail(alice_client, monkeypatch):
    alice_client.raise_request_exception = False
    monkeypatch.setattr("videos.uploads.multipart.start_upload", None)

    answer = alice_client.post("/v2/uploads", {"filename": "a.mp4", "size": 1}, "application/json")

    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "INTERNAL_ERROR"
