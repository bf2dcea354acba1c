"""Load on a running site: visitors whose answers are checked, and a query that computes for a long time."""

import contextlib
import http.client
import json
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psycopg

from tests.servers import wait_until
from tests.site import Site

COMPUTE = "SELECT sum(length(md5(n::text))) FROM generate_series(1, 100000000) n"
COOKIE = f"sessionid={'a' * 32}"  # no session has this key, so each request asks the database for it
ADDRESSES = {"/v2/videos": 401, "/library/": 302}  # with the status while the site is healthy


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any) -> None:
        return None


class Visitors:
    """Visitors who request pages and the API in threads, one after another, while the context is open.

    `refused` counts requests that got no answer, because the web server was not running.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.wrong_answers: list[tuple[str, int, bytes]] = []
        self.answered = self.unavailable = self.refused = 0
        self._leaving = threading.Event()
        self._threads = [threading.Thread(target=self._visit, args=item) for item in ADDRESSES.items()]

    def __enter__(self) -> "Visitors":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._leaving.set()
        for thread in self._threads:
            thread.join()

    def _visit(self, path: str, expected: int) -> None:
        opener = urllib.request.build_opener(NoRedirects())
        request = urllib.request.Request(self.site.address + path, headers={"Cookie": COOKIE})
        while not self._leaving.wait(0.05):
            try:
                opener.open(request, timeout=60).close()
                self.wrong_answers.append((path, 200, b""))
            except urllib.error.HTTPError as error:
                with error:
                    self._check(path, expected, error)
            except (OSError, http.client.HTTPException):
                self.refused += 1

    def _check(self, path: str, expected: int, answer: urllib.error.HTTPError) -> None:
        body = answer.read()
        self.answered += 1
        if _is_unavailable(path, answer.code, body):
            self.unavailable += 1
        elif answer.code != expected:
            self.wrong_answers.append((path, answer.code, body))


def _is_unavailable(path: str, status: int, body: bytes) -> bool:
    """Return whether an answer is 503, for the API in the one error shape."""
    if status != 503 or not path.startswith("/v2/"):
        return status == 503
    error = json.loads(body)["error"]
    return set(error) == {"code", "message", "details"} and error["code"] == "SERVICE_UNAVAILABLE"


def find_child(site: Site, text: str) -> int:
    """Return the process id of the only child of the supervisor whose command contains `text`."""
    [found] = [pid for pid, command in site.children().items() if text in command]
    return found


def wait_for_child(site: Site, text: str, known: set[int]) -> int:
    """Wait for a new child of the supervisor whose command contains `text`, and return its process id."""
    found: set[int] = set()

    def appears() -> bool:
        found.update(pid for pid, command in site.children().items() if text in command and pid not in known)
        return bool(found)

    wait_until(appears)
    return found.pop()


def start_computing(site: Site) -> int:
    """Start a query that takes a minute, and return the process id of its backend once it computes."""
    connection = psycopg.connect(host=str(site.embedded.socket_dir), user="sage", dbname="sage", autocommit=True)
    backend = connection.info.backend_pid
    threading.Thread(target=_compute, args=[connection], daemon=True).start()
    wait_until(lambda: _processor_ticks(backend) > 20)
    return backend


def _compute(connection: "psycopg.Connection[Any]") -> None:
    with contextlib.suppress(psycopg.OperationalError):  # the server is killed meanwhile
        connection.execute(COMPUTE)


def _processor_ticks(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11])


def is_running(pid: int) -> bool:
    """Return whether a process runs. One that has ended may remain as a zombie until its parent reads its status."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
