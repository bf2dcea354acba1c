"""Shared fixtures. Alice owns the test data and Bob is another user. PostgreSQL and Valkey are real servers."""

import logging
import os
from pathlib import Path

import hypothesis
import pytest

from tests.servers import LocalServers

# A busy machine draws examples slowly, which says nothing about the code.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

_servers: list[LocalServers] = []


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        _servers.append(LocalServers())
        _servers[0].start()
    else:  # each parallel worker has its own Valkey and PostgreSQL databases
        from sage.processes.embedded import Embedded

        os.environ["REDIS_URL"] = Embedded(Path(os.environ["VAR_DIR"])).redis_url(int(worker.removeprefix("gw")) + 1)
    # Set here and not in the pytest options: Django must not be loaded before the addresses of the servers are set.
    os.environ["DJANGO_SETTINGS_MODULE"] = "sage.settings"
    from django.conf import settings

    assert settings.DATABASES  # loads the settings, so that pytest-django sets up Django right after this
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    PBKDF2PasswordHasher.iterations = 1000  # a thousandth of Django's, because the tests hash many passwords


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Unset the settings module, so that parallel workers do not load Django before `pytest_configure`."""
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


# Tests that start no site and render no footage.
FAST_FOLDERS = (
    "tests/billing/",
    "tests/sage/api/",
    "tests/sage/jobs/test_step.py",
    "tests/sage/limits/",
    "tests/sage/test_",
    "tests/test_layout.py",
    "tests/videos/comparisons/",
    "tests/videos/diff/alignment/",
    "tests/videos/diff/export/",
    "tests/videos/diff/noise/",
    "tests/videos/diff/sampling/",
    "tests/videos/diff/script/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of `FAST_FOLDERS` as fast."""
    for item in items:
        if item.nodeid.startswith(FAST_FOLDERS):
            item.add_marker(pytest.mark.fast)


def pytest_unconfigure(config: pytest.Config) -> None:
    while _servers:
        _servers.pop().stop()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings) -> None:
    """Copy the migrated database of the local server, instead of migrating a new one for each worker."""
    from django.conf import settings
    from django.db import connection

    if settings.EMBEDDED.postgres:
        connection.settings_dict["TEST"]["TEMPLATE"] = connection.settings_dict["NAME"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> None:
    """Have the database as new after a test that commits, which is cleaned up by TRUNCATE."""
    from tests.initial_rows import keep_initial_rows

    with django_db_blocker.unblock():
        keep_initial_rows()


@pytest.fixture(scope="session", autouse=True)
def _shared_static_files() -> None:
    """Read the static files once. Otherwise, the middleware of each test's client reads them all again."""
    from whitenoise.base import WhiteNoise

    read, files = WhiteNoise.add_files, {}

    def add_files(self: WhiteNoise, root: str, prefix: str | None = None) -> None:
        if self.autorefresh:  # then files are looked up at each request
            read(self, root, prefix)
            return
        if (root, prefix) not in files:
            read(self, root, prefix)
            files[root, prefix] = dict(self.files)
        self.files.update(files[root, prefix])

    WhiteNoise.add_files = add_files


@pytest.fixture(autouse=True)
def _isolated_files(tmp_path: Path, settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test its own media and scratch folders."""
    from sage.storage import create_storage, storage

    settings.MEDIA_ROOT = tmp_path / "media"
    settings.SCRATCH_DIR = tmp_path / "scratch"
    settings.SCRATCH_DIR.mkdir()
    monkeypatch.setattr(storage, "_wrapped", create_storage())


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    from django.core.cache import cache

    cache.clear()


def _create_user(name: str):
    from accounts.models import User

    return User.objects.create_user(f"{name.lower()}@example.org", "correct horse battery", name=name)


@pytest.fixture
def alice(db):
    return _create_user("Alice")


@pytest.fixture
def bob(db):
    return _create_user("Bob")


@pytest.fixture
def alice_client(client, alice):
    """Return a client signed in as Alice."""
    client.force_login(alice)
    return client


@pytest.fixture
def bob_client(bob):
    """Return a client signed in as Bob."""
    from django.test import Client

    client = Client()
    client.force_login(bob)
    return client


@pytest.fixture
def alice_headers(alice):
    """Return headers with a JWT of Alice."""
    from accounts.signin import jwts

    return {"Authorization": f"Bearer {jwts.issue(alice)}"}


@pytest.fixture
def unavailable_channel_layer(settings):
    """Point the channel layer to an address at which no server listens."""
    from channels.layers import channel_layers

    layer = settings.CHANNEL_LAYERS["default"]
    unavailable = {**layer, "CONFIG": {**layer["CONFIG"], "hosts": ["redis://127.0.0.1:1"]}}
    backends = dict(channel_layers.backends)
    settings.CHANNEL_LAYERS = {"default": unavailable}
    channel_layers.backends.clear()
    yield
    channel_layers.backends.clear()
    channel_layers.backends.update(backends)


@pytest.fixture(scope="session")
def s3_server():
    """Start a real S3 server on first use."""
    from tests.s3 import KEY, SECRET, S3Server

    os.environ.update(AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET)
    server = S3Server()
    yield server
    server.stop()


@pytest.fixture
def on_s3(s3_server, settings, monkeypatch):
    """Store files on S3."""
    from sage.storage import create_storage, storage
    from tests.s3 import BUCKET

    settings.S3_BUCKET_NAME, settings.S3_REGION, settings.S3_ENDPOINT_URL = BUCKET, "us-east-1", s3_server.endpoint
    monkeypatch.setattr(storage, "_wrapped", create_storage())
    return s3_server


@pytest.fixture
def vendors(settings):
    """Start doubles of TwelveLabs, Gemini and OpenAI."""
    from tests.vendors import vendors

    with vendors() as doubles:
        for name, value in doubles.settings.items():
            setattr(settings, name, value)
        yield doubles


@pytest.fixture
def twelvelabs(settings):
    """Start a double of TwelveLabs, whose Marengo 3.0 embeds the clips. The site has its key."""
    from tests.sage.providers.twelvelabs_server import twelvelabs_server

    with twelvelabs_server() as server:
        settings.TWELVELABS_BASE_URL = f"{server.address}/v1.3"
        settings.TWELVELABS_API_KEY = server.key
        settings.CLIP_VECTOR_MODEL = "twelvelabs:marengo3.0"
        settings.CLIP_VECTOR_POLL_SECONDS = 0.0
        yield server


# The error of PostgreSQL itself when it cannot extend a table.
RAISE_DISK_FULL = """DO $$ BEGIN RAISE EXCEPTION 'could not extend file "base/5/16384": No space left on device'
USING ERRCODE = 'disk_full'; END $$"""


@pytest.fixture
def fill_database(transactional_db, monkeypatch):
    """Return a function that makes PostgreSQL refuse new rows, as on a full disk. Deleting needs no space."""
    from django.db import connection

    from accounts.sessions import activity

    monkeypatch.setattr(activity, "_recorded_at", {})

    def refuse(execute, sql, params, many, context):
        if sql.lstrip().upper().startswith(("INSERT", "UPDATE")):
            return context["cursor"].execute(RAISE_DISK_FULL)
        return execute(sql, params, many, context)

    yield lambda: connection.execute_wrappers.append(refuse)
    if refuse in connection.execute_wrappers:
        connection.execute_wrappers.remove(refuse)


@pytest.fixture(scope="module")
def high_worker():
    """Start a worker of the queue `high` in a thread of this process. It sets the level of the root logger."""
    from celery.contrib.testing.worker import start_worker

    from sage.celery import app

    level = logging.getLogger().level
    try:
        with start_worker(app, queues=["high"], pool="threads", perform_ping_check=False, shutdown_timeout=60):
            yield
    finally:
        logging.getLogger().setLevel(level)
