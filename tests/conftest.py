"""The cast and the stage. Alice owns things, Bob is somebody else; PostgreSQL and Valkey are real."""

import os
from functools import cache
from pathlib import Path

import pytest

from tests.stage import Stage

_stage: list[Stage] = []


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        _stage.append(Stage())
        _stage[0].set_up()
    else:  # each parallel worker has a Valkey database of its own, as it has a PostgreSQL one
        from sage.stack import Embedded

        os.environ["REDIS_URL"] = Embedded(Path(os.environ["VAR_DIR"])).redis_url(int(worker.removeprefix("gw")) + 1)
    # Named here, not in the settings of pytest: Django must not be loaded before the servers have their addresses.
    os.environ["DJANGO_SETTINGS_MODULE"] = "sage.settings"
    from django.conf import settings

    assert settings.DATABASES  # read now, so that pytest-django sets Django up right after this


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """The parallel workers start next; they too must not load Django before `pytest_configure`."""
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


def pytest_unconfigure(config: pytest.Config) -> None:
    while _stage:
        _stage.pop().strike()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings) -> None:
    """Tests that commit are cleaned up after by TRUNCATE, which the ledger refuses everywhere else."""
    from django.db.models.signals import post_migrate

    post_migrate.connect(_let_truncate, dispatch_uid="let-truncate")


def _let_truncate(app_config, using, **_) -> None:
    from django.db import connections

    if app_config.name == "billing":
        with connections[using].cursor() as cursor:
            cursor.execute("ALTER TABLE billing_entry DISABLE TRIGGER billing_entries_stay")


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Path, settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test keeps its files to itself."""
    from sage.storage import choose, storage

    settings.MEDIA_ROOT = tmp_path / "media"
    settings.SCRATCH_DIR = tmp_path / "scratch"
    settings.SCRATCH_DIR.mkdir()
    monkeypatch.setattr(storage, "_wrapped", choose())


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    from django.core.cache import cache

    cache.clear()


@cache
def _hashed(password: str) -> str:
    """Once for all tests: it takes a third of a second, as it should."""
    from django.contrib.auth.hashers import make_password

    return make_password(password)


def _person(name: str):
    from accounts.models import User

    user = User.objects.create_user(f"{name.lower()}@example.org", name=name)
    user.password = _hashed("correct horse battery")
    user.save(update_fields=["password"])
    return user


@pytest.fixture
def alice(db):
    return _person("Alice")


@pytest.fixture
def bob(db):
    return _person("Bob")


@pytest.fixture
def alices(client, alice):
    """A client signed in as Alice."""
    client.force_login(alice)
    return client


@pytest.fixture
def bobs(bob):
    """A client signed in as Bob."""
    from django.test import Client

    client = Client()
    client.force_login(bob)
    return client


@pytest.fixture
def as_alice(alice):
    """Headers by which a script says that it is Alice's."""
    from accounts import jwts

    return {"Authorization": f"Bearer {jwts.issue(alice)}"}


@pytest.fixture
def nowhere(settings):
    """No server answers where the news channel is looked for."""
    from channels.layers import channel_layers

    layer = settings.CHANNEL_LAYERS["default"]
    away = {**layer, "CONFIG": {**layer["CONFIG"], "hosts": ["redis://127.0.0.1:1"]}}
    kept = dict(channel_layers.backends)
    settings.CHANNEL_LAYERS = {"default": away}
    channel_layers.backends.clear()
    yield
    channel_layers.backends.clear()
    channel_layers.backends.update(kept)


@pytest.fixture(scope="session")
def s3_server():
    """A real S3 server, begun when a test first asks for it."""
    from tests.s3 import KEY, SECRET, S3Server

    os.environ.update(AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET)
    server = S3Server()
    yield server
    server.strike()


@pytest.fixture
def on_s3(s3_server, settings, monkeypatch):
    """Files lie on S3 for this test."""
    from sage.storage import choose, storage
    from tests.s3 import BUCKET

    settings.S3_BUCKET_NAME, settings.S3_REGION, settings.S3_ENDPOINT_URL = BUCKET, "us-east-1", s3_server.endpoint
    monkeypatch.setattr(storage, "_wrapped", choose())
    return s3_server


@pytest.fixture
def vendors(settings):
    """TwelveLabs, Gemini and OpenAI, as far as Sage asks them."""
    from tests.vendors import vendors

    with vendors() as doubles:
        for name, value in doubles.settings.items():
            setattr(settings, name, value)
        yield doubles
