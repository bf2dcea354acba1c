"""Authentication of the API by JWT, session, long-term token, guest id and ADMIN_TOKEN."""

import base64
import json
import time
import uuid

import jwt
import pytest
from django.conf import settings
from django.test import Client

from accounts.credentials import tokens
from accounts.models import LongTermToken, User
from accounts.signin import jwts

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


def test_a_jwt_has_exactly_the_documented_claims(alice):
    claims = jwt.decode(jwts.issue(alice), KEY, algorithms=["HS256"])

    assert set(claims) == {"user_id", "email", "name", "profile_image_url", "iat", "exp", "jti"}
    assert (claims["user_id"], claims["email"], claims["name"]) == (str(alice.pk), "alice@example.org", "Alice")
    assert claims["exp"] - claims["iat"] == 24 * 3600


def test_a_jwt_authenticates_without_a_csrf_token(alice, alice_headers):
    answer = Client(enforce_csrf_checks=True).post("/v2/uploads", BODY, "application/json", headers=alice_headers)

    assert answer.status_code == 201
    assert alice.uploads.count() == 1


def test_a_session_needs_a_csrf_token_to_write(alice):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)

    assert strict.get("/v2/videos").status_code == 200
    assert strict.post("/v2/uploads", BODY, "application/json").status_code == 403
    assert alice.uploads.count() == 0


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda user: jwt.encode(claims_of(user), "another key" * 4, "HS256"), id="wrong key"),
        pytest.param(lambda user: jwt.encode(claims_of(user), settings.SECRET_KEY, "HS256"), id="the site's key"),
        pytest.param(lambda user: jwt.encode(claims_of(user), KEY, "HS512"), id="another algorithm"),
        pytest.param(lambda user: unsigned(claims_of(user)), id="alg none"),
        pytest.param(lambda user: jwt.encode(claims_of(user, aud="elsewhere"), KEY, "HS256"), id="another audience"),
        pytest.param(lambda user: jwt.encode(claims_of(user, token_type="access"), KEY, "HS256"), id="extra claim"),
        pytest.param(lambda user: jwt.encode(claims_of(user, exp=1), KEY, "HS256"), id="expired"),
        pytest.param(
            lambda user: jwt.encode(claims_of(user, iat=time.time() + 600), KEY, "HS256"), id="issued in the future"
        ),
        pytest.param(lambda user: jwt.encode(claims_of(user, user_id="1; DROP"), KEY, "HS256"), id="invalid user id"),
        pytest.param(
            lambda user: jwt.encode(claims_of(user, user_id=str(uuid.uuid4())), KEY, "HS256"), id="unknown user"
        ),
        pytest.param(lambda user: jwt.encode(claims_of(user, jti="x"), KEY, "HS256"), id="no epoch"),
        pytest.param(lambda user: jwt.encode(claims_of(user, jti=7), KEY, "HS256"), id="jti is a number"),
        pytest.param(lambda user: jwts.issue(user)[:-2] + "xx", id="tampered"),
        pytest.param(lambda user: "a.b.c", id="three invalid parts"),
        pytest.param(lambda user: f"{'a' * 100_000}.b.c", id="very long"),
        pytest.param(lambda user: "", id="empty"),
        pytest.param(lambda user: "sage_" + "0" * 64, id="unknown token"),
        pytest.param(lambda user: f"{jwts.issue(user)} {jwts.issue(user)}", id="two tokens"),
    ],
)
def test_a_forged_token_is_refused_even_with_a_valid_session(alice_client, alice, forge):
    answer = alice_client.get("/v2/videos", headers=bearer(forge(alice)))

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "UNAUTHORIZED"
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("end", ["new password", "new epoch", "disabled"])
def test_a_new_password_a_new_epoch_or_disabling_revokes_earlier_jwts(client, alice, alice_headers, end):
    assert client.get("/v2/videos", headers=alice_headers).status_code == 200

    if end == "new password":
        alice.set_password("another good phrase")
        alice.save()
    elif end == "new epoch":
        User.objects.update(epoch=7)
    else:
        User.objects.update(is_active=False)

    assert client.get("/v2/videos", headers=alice_headers).status_code == 401


def test_a_long_term_token_can_only_create_notes(client, alice):
    token, text = tokens.create_token(alice)

    answer = client.get("/v2/videos", headers=bearer(text))

    assert answer.status_code == 403
    assert "create notes" in answer.json()["error"]["message"]
    assert client.get(f"/v2/videos/{token.pk}/file", headers=bearer(text)).status_code == 403
    token.refresh_from_db()
    assert token.last_used_at and text not in (token.digest, token.token_key)


def test_the_use_of_a_token_is_recorded_once_a_minute(client, alice, django_assert_num_queries):
    _, text = tokens.create_token(alice)
    client.get("/v2/videos", headers=bearer(text))

    with django_assert_num_queries(1):
        client.get("/v2/videos", headers=bearer(text))


def test_a_token_of_a_disabled_account_is_refused(client, alice):
    _, text = tokens.create_token(alice)
    User.objects.update(is_active=False)

    assert client.get("/v2/videos", headers=bearer(text)).status_code == 401
    assert LongTermToken.objects.get().last_used_at is None


def test_a_guest_may_stream_a_public_video_and_no_users_upload(client, alice, alice_headers):
    from videos.models import Video

    guest = {"X-Guest-Session-ID": "guest-session_01"}
    file = {"title": "t", "filename": "f.mp4", "size": 1, "storage_key": "k", "status": "ready"}
    shown = Video.objects.create(owner=User.objects.system(), **file)
    private = Video.objects.create(owner=alice, **file)

    assert client.get(f"/v2/videos/{shown.pk}/stream", headers=guest).status_code == 200
    assert client.get(f"/v2/videos/{private.pk}/stream", headers=guest).status_code == 404
    assert client.get(f"/v2/videos/{private.pk}/stream", headers=guest | alice_headers).status_code == 200
    assert client.get("/v2/videos", headers=guest).status_code == 401
    for wrong in ("", "short", "x" * 65, "no spaces please", "ümlaut-ümlaut"):
        refused = client.get(f"/v2/videos/{shown.pk}/stream", headers={"X-Guest-Session-ID": wrong})
        assert refused.status_code == 401 and "8 to 64" in refused.json()["error"]["message"]


def test_an_outside_worker_authenticates_only_with_the_admin_token(client, alice, alice_headers, settings):
    from videos.models import Video

    video = Video.objects.create(owner=alice, title="t", filename="f.mp4", size=1, storage_key="k")
    path = f"/v2/internal/videos/{video.pk}"
    assert client.get(path, headers=bearer("")).status_code == 403  # no ADMIN_TOKEN is set
    settings.ADMIN_TOKEN = "the admin token of this site"

    assert client.get(path).status_code == 401
    assert client.get(path, headers=alice_headers).status_code == 403
    assert client.get(path, headers=bearer("the admin token")).status_code == 403
    answer = client.get(path, headers=bearer("the admin token of this site"))
    assert (answer.status_code, answer.json()["id"]) == (200, str(video.pk))
    assert client.get("/v2/videos", headers=bearer("the admin token of this site")).status_code == 401


def test_a_guest_id_goes_before_a_long_term_token_where_guests_are_allowed(client, alice):
    from videos.models import Video

    shown = Video.objects.create(
        owner=User.objects.system(), title="t", filename="f.mp4", size=1, storage_key="k", status="ready"
    )
    token = bearer(tokens.create_token(alice)[1])
    guest = {"X-Guest-Session-ID": "guest-session_01"}

    assert client.get(f"/v2/videos/{shown.pk}/stream", headers=token).status_code == 403
    assert client.get(f"/v2/videos/{shown.pk}/stream", headers=token | guest).status_code == 200
    assert client.get("/v2/videos", headers=token | guest).status_code == 403
