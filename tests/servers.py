"""PostgreSQL and Valkey for the tests, started once per test run."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sage.processes.embedded import Embedded

# Rate limits are on in all tests, and so high that no test reaches them. Tests of limits lower them. Text on screen is
# not read, which would take seconds for each video that a test uploads. Tests of it turn it on.
SCOPES = (
    "API PAGES PARTIALS SIGNING_IN CONVERSATIONS PROVIDER_KEYS UPLOADS PARTS MEDIA SEARCH STILLS STATIC WORKERS REFUSED"
)
WIDE_LIMITS = {f"LIMIT_{scope}": "1000000/m" for scope in SCOPES.split()}
ENVIRONMENT = {**WIDE_LIMITS, "SCREEN_TEXT": "0"}
ROOT = Path(__file__).resolve().parent.parent
PREPARE = """
from django.core.management import call_command
from sage.pages.staticfiles import collect_if_changed
call_command("migrate", verbosity=0)
collect_if_changed()
"""


class LocalServers:
    """PostgreSQL and Valkey in a temporary folder, with a prepared state that `copy_prepared_state` copies."""

    def __init__(self) -> None:
        self.var_dir = Path(tempfile.mkdtemp(prefix="sage-test-"))
        self.embedded = Embedded(self.var_dir)
        self.servers: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        os.environ.update(ENVIRONMENT, VAR_DIR=str(self.var_dir))
        self.embedded.make_socket_dir()
        self.embedded.initialise_postgres()
        self._start_servers()
        command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", PREPARE]
        subprocess.run(command, cwd=ROOT, check=True)
        self._stop_servers()
        shutil.copytree(self.embedded.data_dir, self.var_dir / "prepared")
        self._start_servers()

    def _start_servers(self) -> None:
        postgres = [*self.embedded.postgres_command(), "-c", "fsync=off"]  # this database need not survive a power cut
        for command in (postgres, self.embedded.valkey_command()):
            self.servers.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        wait_until(self.embedded.postgres_answers)
        wait_until(self.embedded.valkey_answers)

    def _stop_servers(self) -> None:
        postgres, *others = self.servers
        postgres.send_signal(signal.SIGINT)
        for server in others:
            server.terminate()
        while self.servers:
            self.servers.pop().wait(60)

    def stop(self) -> None:
        self._stop_servers()
        shutil.rmtree(self.var_dir, ignore_errors=True)
        shutil.rmtree(self.embedded.socket_dir, ignore_errors=True)


def copy_prepared_state(embedded: Embedded) -> None:
    """Copy the migrated database and the static files to a new site, which saves it ten seconds.

    The site checks both when it starts.
    """
    var_dir = ROOT / os.environ.get("VAR_DIR", "var")
    if embedded.postgres and (var_dir / "prepared").exists() and not embedded.data_dir.exists():
        shutil.copytree(var_dir / "prepared", embedded.data_dir)
    with contextlib.suppress(OSError):
        shutil.copytree(var_dir / "static", embedded.var_dir / "static", copy_function=os.link)


def wait_until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait until a condition is true. Raises AssertionError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"The condition is still false after {seconds} s.")
        time.sleep(0.05)
