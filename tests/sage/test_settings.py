import os
import re
import secrets
import stat
import string
import subprocess
import sys

import pytest

from sage.environment import is_guessable
from sage.limits import scopes
from tests.servers import ROOT
from videos.media.formats import EXTENSIONS

ORIGINS = "a comma-separated list of origins without paths, such as https://tools.example.org"
SECRET_KEY = "qN7Vd2xW9aLr0TzKc4MyE8bJuH5sPfG1iYoX3wQvRt6AkBnDjZhUeCmS"
FERNET_KEYS = "A" * 43 + "="
PUBLIC = {"HOST": "0.0.0.0", "SECRET_KEY": SECRET_KEY, "FERNET_KEYS": FERNET_KEYS, "ALLOWED_HOSTS": "sage.example"}
RANDOM = "50 or more random characters."
GUESSABLE_KEYS = [
    SECRET_KEY[:49],
    "x" * 60,
    "changeme" * 8,
    "django-insecure-" + SECRET_KEY,
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    "change-me-to-a-long-random-string-before-you-open-the-site",
]
GENERATE = "Generate one with `openssl rand -base64 32 | tr +/ -_`."


def start(**environment):
    """Run a command under these settings and return the finished process."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
    command = [sys.executable, "manage.py", "check"]
    return subprocess.run(command, cwd=ROOT, env={**kept, **environment}, capture_output=True, text=True, check=False)


def test_every_setting_is_documented_with_a_sentence():
    sources = [(ROOT / "sage" / name).read_text() for name in ("settings.py", "environment.py")]
    read = {name for source in sources for name in re.findall(r'(?:env|self)\.\w+\(\s*"([A-Z0-9_]+)"', source)}
    read = read - {"LIMIT_"} | {f"LIMIT_{scope.name.upper()}" for scope in scopes.all_scopes()}
    listed = dict(re.findall(r"^# (\S.+)\n#([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.M))

    assert read == set(listed.values())
    assert all(sentence.endswith(".") for sentence in listed)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"PORT": "many"}, "PORT must be a whole number from 1 to 65535."),
        (
            {"UPLOAD_ENDINGS": "mp4, exe"},
            f"UPLOAD_ENDINGS must be a comma-separated list of these: {', '.join(sorted(EXTENSIONS))}.",
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
            {"HOST": "0.0.0.0", "SECRET_KEY": SECRET_KEY},
            f"FERNET_KEYS is missing. Set it to a key of 32 random bytes. {GENERATE}",
        ),
        (
            {"FERNET_KEYS": "short"},
            f"FERNET_KEYS must be a comma-separated list of keys of 32 random bytes. {GENERATE}",
        ),
        (
            {"GOOGLE_CLIENT_ID": "one"},
            "GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET belong together. Set both or neither.",
        ),
        (
            {"GOOGLE_JWKS_URL": "http://127.0.0.1/certs"},
            "GOOGLE_JWKS_URL can be changed only with DEBUG=1. Remove it.",
        ),
        (
            {"HOST": "0.0.0.0", "SECRET_KEY": SECRET_KEY, "FERNET_KEYS": FERNET_KEYS},
            "ALLOWED_HOSTS is missing. Set it to the host names of this site.",
        ),
        *(
            ({**PUBLIC, "SECRET_KEY": key}, "SECRET_KEY is too short or can be guessed. Set it to " + RANDOM)
            for key in GUESSABLE_KEYS
        ),
        (
            {**PUBLIC, "ADMIN_TOKEN": "let-me-in"},
            "ADMIN_TOKEN is too short or can be guessed. Set it to 32 or more random characters.",
        ),
        (
            {**PUBLIC, "ALLOWED_HOSTS": "sage.example,*"},
            "ALLOWED_HOSTS must not contain * on a public site. Set it to the host names of this site.",
        ),
        (
            {"BEHIND_PROXY": "1", "SECRET_KEY": SECRET_KEY, "FERNET_KEYS": FERNET_KEYS, "ALLOWED_HOSTS": "*"},
            "ALLOWED_HOSTS must not contain * on a public site. Set it to the host names of this site.",
        ),
    ],
)
def test_an_invalid_setting_stops_the_start_with_one_sentence(tmp_path, environment, message):
    done = start(VAR_DIR=str(tmp_path), **environment)

    assert (done.returncode, done.stderr.strip()) == (1, message)


def test_keys_are_generated_once_and_readable_only_by_their_owner(tmp_path):
    assert start(VAR_DIR=str(tmp_path)).returncode == 0
    kept = [tmp_path / name for name in ("secret_key", "fernet_keys")]
    keys = [path.read_text() for path in kept]
    start(VAR_DIR=str(tmp_path))

    assert len(keys[0]) > 50 and len(keys[1]) == 44
    assert [path.read_text() for path in kept] == keys
    assert [path.stat().st_mode & 0o077 for path in kept] == [0, 0]


def test_a_public_site_uses_only_https(tmp_path):
    show = (
        "from django.conf import settings as read\n"
        "print(read.SECURE_SSL_REDIRECT, read.SESSION_COOKIE_SECURE, read.SECURE_HSTS_SECONDS > 0)"
    )
    environment = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "sage.settings"}
    outputs = [
        subprocess.run(
            [sys.executable, "-c", show], cwd=ROOT, env=env, capture_output=True, text=True, check=True
        ).stdout
        for env in (environment, {**environment, **PUBLIC})
    ]

    assert outputs == ["False False False\n", "True True True\n"]


def test_a_random_key_of_any_alphabet_is_accepted():
    letters, digits, hexadecimal = string.ascii_letters, string.digits, "0123456789abcdef"
    keys = ["".join(secrets.choice(alphabet) for _ in range(64)) for alphabet in (letters, digits, hexadecimal) * 50]

    assert not [key for key in keys if is_guessable(key, 50)]


def create_var_dir(path, **environment):
    """Start a command that creates `path` as `VAR_DIR`. Return the mode of the folder."""
    assert start(VAR_DIR=str(path), **environment).returncode == 0
    return stat.S_IMODE(path.stat().st_mode)


def test_the_data_folder_is_readable_only_by_its_owner(tmp_path):
    assert create_var_dir(tmp_path / "var") == 0o700
    assert create_var_dir(tmp_path / "public" / "var", **PUBLIC) == 0o700


def test_the_group_of_sage_can_read_the_data_folder_if_the_operator_allows_it(tmp_path):
    assert create_var_dir(tmp_path / "var", GROUP_ACCESS="1") == 0o750
