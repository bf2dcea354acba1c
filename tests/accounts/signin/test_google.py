import base64
import json
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa

from accounts.models import User
from accounts.signin import google
from billing import ledger
from sage.errors import ServiceUnavailable, Unauthorized
from tests.accounts.signin.google_server import CLIENT_ID, GoogleDouble

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def google_double():
    double = GoogleDouble()
    yield double
    double.close()


@pytest.fixture
def configured_google(google_double, settings):
    """Configure the site to use the double, with its default user."""
    google_double.user = {"sub": "1842", "email": "ada@example.org", "email_verified": True, "name": "Ada Lovelace"}
    settings.GOOGLE_CLIENT_ID = CLIENT_ID
    settings.GOOGLE_ISSUER, settings.GOOGLE_JWKS_URL = google_double.issuer, f"{google_double.issuer}/certs"
    return google_double


def test_a_google_user_is_registered_once_and_gets_tokens(configured_google):
    ada = google.get_or_create_user(configured_google.id_token())

    assert (ada.email, ada.name, ada.has_usable_password()) == ("ada@example.org", "Ada Lovelace", False)
    assert ledger.balance(ada.pk).token_balance > 0
    assert EmailAddress.objects.get(user=ada).verified
    configured_google.user["email"] = "ada@elsewhere.example"
    assert google.get_or_create_user(configured_google.id_token()) == ada
    assert User.objects.get().email == "ada@example.org"


def test_an_invalid_id_token_is_refused(configured_google):
    own = configured_google.id_token()
    head, body, signature = own.split(".")
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": "one"}).encode()).decode().rstrip("=")
    another = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    wrong = {
        "unsigned": f"{none}.{body}.",
        "signed with another key": configured_google.id_token(another),
        "signed with an unpublished key": configured_google.id_token(another, kid="two"),
        "for another site": configured_google.id_token(aud="another.apps.example"),
        "for several sites": configured_google.id_token(aud=[CLIENT_ID, "another.apps.example"]),
        "of another issuer": configured_google.id_token(iss="https://accounts.example"),
        "expired": configured_google.id_token(exp=int(time.time()) - 60),
        "issued in the future": configured_google.id_token(iat=int(time.time()) + 600),
        "without an expiry": configured_google.id_token(exp=None),
        "without a subject": configured_google.id_token(sub=None),
        "of an unverified address": configured_google.id_token(email_verified=False),
        "of a look-alike address": configured_google.id_token(email="аda@example.org"),
        "of the system user": configured_google.id_token(email="system@sage.invalid"),
        "truncated": own[:-20],
        "changed": f"{head}.{body[:-4]}AAAA.{signature}",
        "empty": "",
    }

    accepted = []
    for description, token in wrong.items():
        try:
            google.get_or_create_user(token)
        except Unauthorized:
            continue
        accepted.append(description)

    assert accepted == [] and not User.objects.exists()
    assert google.get_or_create_user(own)


def test_an_existing_account_is_linked_only_if_its_address_is_verified(configured_google):
    ada = User.objects.create_user("ada@example.org", "correct horse battery", name="Ada")
    address = EmailAddress.objects.create(user=ada, email="ada@example.org", verified=False, primary=True)
    with pytest.raises(Unauthorized, match="already exists"):
        google.get_or_create_user(configured_google.id_token())
    assert not SocialAccount.objects.exists()

    address.verified = True
    address.save()

    assert google.get_or_create_user(configured_google.id_token()) == ada
    assert SocialAccount.objects.get().user == ada


def test_a_disabled_account_cannot_sign_in(configured_google):
    User.objects.filter(pk=google.get_or_create_user(configured_google.id_token()).pk).update(is_active=False)

    with pytest.raises(Unauthorized):
        google.get_or_create_user(configured_google.id_token())


def test_an_unavailable_google_is_reported(configured_google, settings):
    settings.GOOGLE_JWKS_URL = "http://127.0.0.1:9/certs"

    with pytest.raises(ServiceUnavailable, match="Google did not answer"):
        google.get_or_create_user(configured_google.id_token())


def test_an_invalid_name_is_replaced_by_the_address(configured_google):
    configured_google.user["name"] = "Ada\u202e"

    assert google.get_or_create_user(configured_google.id_token()).name == "ada"


def test_the_api_accepts_a_google_id_token(configured_google, client):
    answer = client.post(
        "/v2/auth/google", {"credential": configured_google.id_token()}, content_type="application/json"
    )
    me = client.get("/v2/users/me", headers={"Authorization": f"Bearer {answer.json()['token']}"}).json()
    refused = client.post(
        "/v2/auth/google", {"credential": configured_google.id_token(exp=1)}, content_type="application/json"
    )

    assert answer.status_code == 200 and list(answer.json()) == ["token"]
    assert (me["email"], me["name"]) == ("ada@example.org", "Ada Lovelace")
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "UNAUTHORIZED")
