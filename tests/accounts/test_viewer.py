"""Who asks, by whichever door."""

import base64
import json
import time
import uuid

import jwt
import pytest
from django.conf import settings
from django.test import Client

from accounts import jwts, tokens
from accounts.models import LongTermToken, User

pytestmark = pytest.mark.django_db
KEY = settings.SIMPLE_JWT["SIGNING_KEY"]
BODY = {"filename": "a.mp4", "size": 6}


def bearer(text, **more):
    return {"Authorization": f"Bearer {text}", **more}


def claims_of(user, **other):
    now = int(time.time())
    return {
        "user_id": str(user.pk),
        "email": user.email,
        "name": user.name,
        "profile_image_url": None,
        "iat": now,
        "exp": now + 60,
        "jti": f"{user.epoch}-{uuid.uuid4().hex}",
    } | other


def unsigned(claims):
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts) + "."


def test_a_jwt_holds_what_the_api_says_and_nothing_else(alice):
    claims = jwt.decode(jwts.issue(alice), KEY, algorithms=["HS256"])

    assert set(claims) == {"user_id", "email", "name", "profile_image_url", "iat", "exp", "jti"}
    assert (claims["user_id"], claims["email"], claims["name"]) == (str(alice.pk), "alice@example.org", "Alice")
    assert claims["exp"] - claims["iat"] == 24 * 3600


def test_a_jwt_opens_the_api_and_wants_no_csrf_token(alice, as_alice):
    answer = Client(enforce_csrf_checks=True).post("/v2/uploads", BODY, "application/json", headers=as_alice)

    assert answer.status_code == 201
    assert alice.uploads.count() == 1


def test_a_session_wants_a_csrf_token_where_it_writes(alice):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)

    assert strict.get("/v2/videos").status_code == 200
    assert strict.post("/v2/uploads", BODY, "application/json").status_code == 403
    assert alice.uploads.count() == 0


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda user: jwt.encode(claims_of(user), "another key" * 4, "HS256"), id="another key"),
        pytest.param(lambda user: jwt.encode(claims_of(user), settings.SECRET_KEY, "HS256"), id="the site's key"),
        pytest.param(lambda user: jwt.encode(claims_of(user), KEY, "HS512"), id="another algorithm"),
        pytest.param(lambda user: unsigned(claims_of(user)), id="alg none"),
        pytest.param(lambda user: jwt.encode(claims_of(user, aud="elsewhere"), KEY, "HS256"), id="another audience"),
        pytest.param(lambda user: jwt.encode(claims_of(user, token_type="access"), KEY, "HS256"), id="a claim more"),
        pytest.param(lambda user: jwt.encode(claims_of(user, exp=1), KEY, "HS256"), id="expired"),
        pytest.param(lambda user: jwt.encode(claims_of(user, iat=time.time() + 600), KEY, "HS256"), id="not yet"),
        pytest.param(lambda user: jwt.encode(claims_of(user, user_id="1; DROP"), KEY, "HS256"), id="no id"),
        pytest.param(lambda user: jwt.encode(claims_of(user, user_id=str(uuid.uuid4())), KEY, "HS256"), id="nobody"),
        pytest.param(lambda user: jwt.encode(claims_of(user, jti="x"), KEY, "HS256"), id="no epoch"),
        pytest.param(lambda user: jwt.encode(claims_of(user, jti=7), KEY, "HS256"), id="jti a number"),
        pytest.param(lambda user: jwts.issue(user)[:-2] + "xx", id="tampered"),
        pytest.param(lambda user: "a.b.c", id="three parts of nothing"),
        pytest.param(lambda user: f"{'a' * 100_000}.b.c", id="very long"),
        pytest.param(lambda user: "", id="empty"),
        pytest.param(lambda user: "sage_" + "0" * 64, id="no token of ours"),
        pytest.param(lambda user: f"{jwts.issue(user)} {jwts.issue(user)}", id="two at once"),
    ],
)
def test_a_forged_token_opens_nothing_not_even_beside_a_good_session(alices, alice, forge):
    answer = alices.get("/v2/videos", headers=bearer(forge(alice)))

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "UNAUTHORIZED"
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("end", ["another password", "another epoch", "disabled"])
def test_what_ends_sessions_voids_each_jwt_issued_before(client, alice, as_alice, end):
    assert client.get("/v2/videos", headers=as_alice).status_code == 200

    if end == "another password":
        alice.set_password("another good phrase")
        alice.save()
    elif end == "another epoch":
        User.objects.update(epoch=7)
    else:
        User.objects.update(is_active=False)

    assert client.get("/v2/videos", headers=as_alice).status_code == 401


def test_a_long_term_token_is_known_but_opens_nothing_else(client, alice):
    made, text = tokens.make(alice)

    answer = client.get("/v2/videos", headers=bearer(text))

    assert answer.status_code == 403
    assert "create notes" in answer.json()["error"]["message"]
    assert client.get(f"/v2/videos/{made.pk}/file", headers=bearer(text)).status_code == 403
    made.refresh_from_db()
    assert made.last_used_at and text not in (made.digest, made.token_key)


def test_that_a_token_is_used_is_noted_once_a_minute(client, alice, django_assert_num_queries):
    _, text = tokens.make(alice)
    client.get("/v2/videos", headers=bearer(text))

    with django_assert_num_queries(1):
        client.get("/v2/videos", headers=bearer(text))


def test_a_token_of_a_disabled_account_opens_nothing(client, alice):
    _, text = tokens.make(alice)
    User.objects.update(is_active=False)

    assert client.get("/v2/videos", headers=bearer(text)).status_code == 401
    assert LongTermToken.objects.get().last_used_at is None


def test_a_guest_may_wait_for_a_video_that_is_shown_to_all_and_see_nobodys_uploads(client, alice, as_alice):
    from videos.models import Video

    his = {"X-Guest-Session-ID": "guest-session_01"}
    file = {"title": "t", "filename": "f.mp4", "size": 1, "storage_key": "k", "status": "ready"}
    shown = Video.objects.create(owner=User.objects.system(), **file)
    private = Video.objects.create(owner=alice, **file)

    assert client.get(f"/v2/videos/{shown.pk}/stream", headers=his).status_code == 200
    assert client.get(f"/v2/videos/{private.pk}/stream", headers=his).status_code == 404
    assert client.get(f"/v2/videos/{private.pk}/stream", headers=his | as_alice).status_code == 200
    assert client.get("/v2/videos", headers=his).status_code == 401
    for wrong in ("", "short", "x" * 65, "no spaces please", "ümlaut-ümlaut"):
        refused = client.get(f"/v2/videos/{shown.pk}/stream", headers={"X-Guest-Session-ID": wrong})
        assert refused.status_code == 401 and "8 to 64" in refused.json()["error"]["message"]


def test_an_outside_worker_is_known_by_the_admin_token_alone(client, alice, as_alice, settings):
    from videos.models import Video

    video = Video.objects.create(owner=alice, title="t", filename="f.mp4", size=1, storage_key="k")
    path = f"/v2/internal/videos/{video.pk}"
    assert client.get(path, headers=bearer("")).status_code == 403  # none is set: nobody is one
    settings.ADMIN_TOKEN = "let me in, I work here"

    assert client.get(path).status_code == 401
    assert client.get(path, headers=as_alice).status_code == 403
    assert client.get(path, headers=bearer("let me in")).status_code == 403
    answer = client.get(path, headers=bearer("let me in, I work here"))
    assert (answer.status_code, answer.json()["id"]) == (200, str(video.pk))
    assert client.get("/v2/videos", headers=bearer("let me in, I work here")).status_code == 401
