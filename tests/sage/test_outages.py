import psycopg
import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.backends.utils import CursorWrapper
from psycopg_pool import PoolTimeout
from redis.exceptions import BusyLoadingError, OutOfMemoryError, ResponseError

from sage.outages import find_outage
from sage.storage import StorageUnavailable

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_in_outage(alice_client, monkeypatch):
    """Return the client of a user while every query fails."""

    def refuse(*args, **options):
        raise OperationalError("the database system is starting up")

    alice_client.raise_request_exception = False
    monkeypatch.setattr(CursorWrapper, "execute", refuse)
    return alice_client


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("path", ["/v2/users/me", "/v2/videos", "/v2/uploads", "/v2/nothing"])
def test_the_api_answers_503_while_the_database_is_unavailable(client_in_outage, method, path):
    answer = client_in_outage.generic(method, path, b"{}", "application/json")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.json()["error"]["code"] == "SERVICE_UNAVAILABLE"
    assert set(answer.json()["error"]) == {"code", "message", "details"}


@pytest.mark.parametrize("path", ["/library/", "/account/login/", "/nothing/", "/"])
def test_pages_answer_503_while_the_database_is_unavailable(client_in_outage, path):
    answer = client_in_outage.get(path)

    assert answer.status_code == 503
    assert b"Try again in a few seconds" in answer.content


def test_health_tells_which_server_is_unavailable(client_in_outage):
    client_in_outage.cookies.clear()

    answer = client_in_outage.get("/health")

    assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "failed")


def test_an_outage_is_logged_once(client_in_outage, caplog, monkeypatch):
    monkeypatch.setattr("sage.outages._last_logged", [float("-inf")])

    for _ in range(3):
        client_in_outage.get("/v2/users/me")
        client_in_outage.get("/library/")

    assert [record.message for record in caplog.records if record.name == "sage.outages"] == [
        "outage: a server is unavailable: the database system is starting up"
    ]
    assert not [record for record in caplog.records if record.name == "django.request"]


@pytest.mark.parametrize(
    "error",
    [
        OperationalError(),
        InterfaceError(),
        BusyLoadingError("Valkey is loading"),
        ResponseError("MISCONF Errors writing to the AOF file: No space left on device"),
        OutOfMemoryError("command not allowed when used memory > 'maxmemory'."),
        PoolTimeout("couldn't get a connection after 10.00 sec"),
        psycopg.errors.TooManyConnections(),
    ],
)
def test_errors_of_unavailable_servers_are_outages(error):
    outage = find_outage(error)

    assert (outage.status, outage.headers) == (503, {"Retry-After": "5"})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/v2/users/me", "/library/"])
def test_a_request_that_gets_no_connection_is_503(alice_client, monkeypatch, path):
    def refuse(*args, **options):
        raise PoolTimeout("couldn't get a connection after 10.00 sec")

    connection.close()
    alice_client.raise_request_exception = False
    with monkeypatch.context() as exhausted:
        exhausted.setattr(DatabaseWrapper, "get_new_connection", refuse)
        answer = alice_client.get(path)

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    if path.startswith("/v2/"):
        assert answer.json()["error"]["code"] == "SERVICE_UNAVAILABLE"


def test_the_cause_of_an_error_is_recognised():
    deleted, not_saved = SessionInterrupted("The session was deleted."), UpdateError()
    deleted.__context__, not_saved.__context__ = not_saved, OperationalError()  # as Django raises them

    assert find_outage(deleted).status == 503


def test_a_message_of_the_storage_is_kept():
    assert find_outage(StorageUnavailable("The disk is full.")).message == "The disk is full."


@pytest.mark.parametrize("error", [ValueError(), DatabaseError(), KeyError("key")])
def test_other_errors_are_no_outages(error):
    assert find_outage(error) is None
