import os
import re
import subprocess
import sys

import pytest

from tests.stage import ROOT
from videos.media.formats import ENDINGS

ORIGINS = "origins such as https://tools.example.org, without a path, with commas between them"
MAKE_ONE = "`openssl rand -base64 32 | tr +/ -_` makes one"


def start(**environment):
    """What any command says under these settings."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
    command = [sys.executable, "manage.py", "check"]
    return subprocess.run(command, cwd=ROOT, env={**kept, **environment}, capture_output=True, text=True, check=False)


def test_every_setting_that_is_read_is_listed_with_a_sentence():
    source = (ROOT / "sage" / "settings.py").read_text()
    read = set(re.findall(r'(?:env\.\w+|_whole|_number|_origins|_google|_rate)\(\s*"([A-Z_]+)"', source)) - {""}
    listed = dict(re.findall(r"^# (\S.+)\n#([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))

    assert read == set(listed.values())
    assert all(sentence.endswith(".") for sentence in listed)


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"PORT": "many"}, "PORT must be a whole number from 1 to 65535."),
        (
            {"UPLOAD_ENDINGS": "mp4, exe"},
            f"UPLOAD_ENDINGS must be some of these, with commas between them: {', '.join(sorted(ENDINGS))}.",
        ),
        ({"SESSION_LIFETIME": "0"}, "SESSION_LIFETIME must be a whole number from 1 to 1000000000."),
        ({"COMPARISON_INTERVAL_THRESHOLD": "0.6"}, "COMPARISON_INTERVAL_THRESHOLD must be a number from 0.01 to 0.5."),
        ({"COMPARISON_INTERVAL_THRESHOLD": "low"}, "COMPARISON_INTERVAL_THRESHOLD must be a number from 0.01 to 0.5."),
        ({"COMPARISON_INTERVAL_THRESHOLD": "nan"}, "COMPARISON_INTERVAL_THRESHOLD must be a number from 0.01 to 0.5."),
        *(
            ({"CORS_ALLOWED_ORIGINS": wrong}, f"CORS_ALLOWED_ORIGINS must be {ORIGINS}.")
            for wrong in ("*", "null", "tools.example.org", "https://*.example.org", "https://tools.example.org/")
        ),
        ({"HOST": "0.0.0.0"}, "SECRET_KEY is missing. Set it to 50 or more random characters."),
        (
            {"HOST": "0.0.0.0", "SECRET_KEY": "x" * 60},
            f"FERNET_KEYS is missing. Set it to a key of 32 random bytes; {MAKE_ONE}.",
        ),
        (
            {"FERNET_KEYS": "short"},
            f"FERNET_KEYS must be keys of 32 random bytes each, with commas between them; {MAKE_ONE}.",
        ),
        (
            {"GOOGLE_CLIENT_ID": "one"},
            "GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET come together. Set both, or neither.",
        ),
        (
            {"GOOGLE_JWKS_URL": "http://127.0.0.1/certs"},
            "GOOGLE_JWKS_URL may name another address than Google's only under DEBUG. Leave it out.",
        ),
        (
            {"HOST": "0.0.0.0", "SECRET_KEY": "x" * 60, "FERNET_KEYS": "A" * 43 + "="},
            "ALLOWED_HOSTS is missing. Set it to the names by which browsers reach this site.",
        ),
    ],
)
def test_what_is_wrong_stops_the_start_with_one_sentence(tmp_path, environment, says):
    done = start(VAR_DIR=str(tmp_path), **environment)

    assert (done.returncode, done.stderr.strip()) == (1, says)


def test_keys_are_made_once_and_kept_to_their_owner(tmp_path):
    assert start(VAR_DIR=str(tmp_path)).returncode == 0
    kept = [tmp_path / name for name in ("secret_key", "fernet_keys")]
    keys = [path.read_text() for path in kept]
    start(VAR_DIR=str(tmp_path))

    assert len(keys[0]) > 50 and len(keys[1]) == 44
    assert [path.read_text() for path in kept] == keys
    assert [path.stat().st_mode & 0o077 for path in kept] == [0, 0]


def test_beyond_loopback_everything_is_https(tmp_path):
    show = (
        "from django.conf import settings as read\n"
        "print(read.SECURE_SSL_REDIRECT, read.SESSION_COOKIE_SECURE, read.SECURE_HSTS_SECONDS > 0)"
    )
    environment = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "sage.settings"}
    beyond = {
        "HOST": "0.0.0.0",
        "SECRET_KEY": "x" * 60,
        "FERNET_KEYS": "A" * 43 + "=",
        "ALLOWED_HOSTS": "sage.example",
    }
    said = [
        subprocess.run(
            [sys.executable, "-c", show], cwd=ROOT, env=env, capture_output=True, text=True, check=True
        ).stdout
        for env in (environment, {**environment, **beyond})
    ]

    assert said == ["False False False\n", "True True True\n"]
