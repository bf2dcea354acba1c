import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_missing_page_is_told_calmly(client):
    answer = client.get("/nothing/here/")

    assert answer.status_code == 404
    assert b"There is nothing at this address" in answer.content


def test_a_visitor_whose_session_has_ended_is_led_back_by_way_of_the_login(client, alices):
    path = "/compare/00000000-0000-0000-0000-000000000007/?t=3"
    client.logout()

    assert b"/account/login/?next=/compare/00000000-0000-0000-0000-000000000007/%3Ft%3D3" in client.get(path).content
    assert b"?next=" not in client.get("/s/none").content


def test_the_api_tells_a_missing_thing_in_the_one_shape(alices):
    answer = alices.get("/v2/nothing")

    assert answer.status_code == 404
    assert answer.json() == {
        "error": {
            "code": "NOT_FOUND",
            "message": "There is nothing at this address. It may have been deleted, or it is not yours.",
            "details": {},
        }
    }


def test_the_api_asks_strangers_to_sign_in(client):
    answer = client.post("/v2/uploads", {}, "application/json")

    assert answer.status_code == 403 or answer.status_code == 401
    assert answer.json()["error"]["code"] == "UNAUTHORIZED"


@pytest.mark.parametrize("accept", ["text/html", "image/webp", "application/xml;q=0.9", "nonsense"])
def test_the_api_answers_in_json_whatever_is_accepted(client, alices, accept):
    answers = [one.get("/v2/users/me", headers={"Accept": accept}) for one in (alices, Client())]
    answers.append(client.get("/v2/schema/", headers={"Accept": accept}))

    assert [answer.status_code for answer in answers] == [200, 401, 200]
    assert all("json" in answer.headers["Content-Type"] and answer.json() for answer in answers)


def test_bad_fields_are_named_with_a_rule(alices):
    answer = alices.post("/v2/uploads", {"size": "many"}, "application/json")

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
def test_what_cannot_be_read_is_refused_in_the_one_shape(alices, body, content_type, status, code):
    answer = alices.generic("POST", "/v2/uploads", body, content_type)

    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code


def test_a_wrong_method_is_405(alices):
    answer = alices.get("/v2/uploads")

    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "METHOD_NOT_ALLOWED"


def test_a_form_without_its_token_is_explained(alice):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)

    answer = strict.post("/library/upload/")

    assert answer.status_code == 403
    assert b"reload the page" in answer.content


def test_a_fault_of_ours_tells_no_detail(alices, monkeypatch):
    alices.raise_request_exception = False
    monkeypatch.setattr("videos.views.library.Paginator", None)

    answer = alices.get("/library/")

    assert answer.status_code == 500
    assert b"written to the log" in answer.content
    assert b"NoneType" not in answer.content


def test_a_fault_in_the_api_tells_no_detail_either(alices, monkeypatch):
    alices.raise_request_exception = False
    monkeypatch.setattr("videos.uploads.begin", None)

    answer = alices.post("/v2/uploads", {"filename": "a.mp4", "size": 1}, "application/json")

    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "INTERNAL_ERROR"
