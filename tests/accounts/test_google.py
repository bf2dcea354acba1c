import base64
import json
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa

from accounts import google
from accounts.models import User
from billing import ledger
from sage.errors import Unauthorized, Unavailable
from tests.google import CLIENT_ID, Google

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def at_google():
    double = Google()
    yield double
    double.close()


@pytest.fixture
def there(at_google, settings):
    """Google, as this site knows it."""
    at_google.who = {"sub": "1842", "email": "ada@example.org", "email_verified": True, "name": "Ada Lovelace"}
    settings.GOOGLE_CLIENT_ID = CLIENT_ID
    settings.GOOGLE_ISSUER, settings.GOOGLE_JWKS_URL = at_google.issuer, f"{at_google.issuer}/certs"
    return at_google


def test_whoever_google_knows_joins_once_with_the_first_months_tokens(there):
    ada = google.user_of(there.id_token())

    assert (ada.email, ada.name, ada.has_usable_password()) == ("ada@example.org", "Ada Lovelace", False)
    assert ledger.balance(ada.pk).token_balance > 0
    assert EmailAddress.objects.get(user=ada).verified
    there.who["email"] = "ada@elsewhere.example"
    assert google.user_of(there.id_token()) == ada
    assert User.objects.get().email == "ada@example.org"


def test_a_token_that_is_not_googles_for_us_and_now_is_refused(there):
    own = there.id_token()
    head, body, signature = own.split(".")
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": "one"}).encode()).decode().rstrip("=")
    another = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    wrong = {
        "unsigned": f"{none}.{body}.",
        "signed by another": there.id_token(another),
        "by a key that is not published": there.id_token(another, kid="two"),
        "for another site": there.id_token(aud="another.apps.example"),
        "for several": there.id_token(aud=[CLIENT_ID, "another.apps.example"]),
        "of another issuer": there.id_token(iss="https://accounts.example"),
        "run out": there.id_token(exp=int(time.time()) - 60),
        "of the future": there.id_token(iat=int(time.time()) + 600),
        "without an end": there.id_token(exp=None),
        "without a subject": there.id_token(sub=None),
        "of an unverified address": there.id_token(email_verified=False),
        "of a look-alike": there.id_token(email="аda@example.org"),
        "of Sage itself": there.id_token(email="system@sage.invalid"),
        "cut off": own[:-20],
        "changed": f"{head}.{body[:-4]}AAAA.{signature}",
        "nothing": "",
    }

    taken = []
    for what, token in wrong.items():
        try:
            google.user_of(token)
        except Unauthorized:
            continue
        taken.append(what)

    assert taken == [] and not User.objects.exists()
    assert google.user_of(own)


def test_an_account_is_let_in_only_where_both_have_verified_the_address(there):
    ada = User.objects.create_user("ada@example.org", "correct horse battery", name="Ada")
    address = EmailAddress.objects.create(user=ada, email="ada@example.org", verified=False, primary=True)
    with pytest.raises(Unauthorized, match="exists already"):
        google.user_of(there.id_token())
    assert not SocialAccount.objects.exists()

    address.verified = True
    address.save()

    assert google.user_of(there.id_token()) == ada
    assert SocialAccount.objects.get().user == ada


def test_a_disabled_account_stays_out(there):
    User.objects.filter(pk=google.user_of(there.id_token()).pk).update(is_active=False)

    with pytest.raises(Unauthorized):
        google.user_of(there.id_token())


def test_where_google_does_not_answer_it_is_said(there, settings):
    settings.GOOGLE_JWKS_URL = "http://127.0.0.1:9/certs"

    with pytest.raises(Unavailable, match="Google does not answer"):
        google.user_of(there.id_token())


def test_a_strange_name_gives_way_to_the_address(there):
    there.who["name"] = "Ada\u202e"

    assert google.user_of(there.id_token()).name == "ada"


def test_a_script_logs_in_by_googles_token(there, client):
    answer = client.post("/v2/auth/google", {"credential": there.id_token()}, content_type="application/json")
    me = client.get("/v2/users/me", headers={"Authorization": f"Bearer {answer.json()['token']}"}).json()
    refused = client.post("/v2/auth/google", {"credential": there.id_token(exp=1)}, content_type="application/json")

    assert answer.status_code == 200 and list(answer.json()) == ["token"]
    assert (me["email"], me["name"]) == ("ada@example.org", "Ada Lovelace")
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "UNAUTHORIZED")
