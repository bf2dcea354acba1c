"""What the tests stand on: real servers of their own, started once for all of them."""

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

from sage.stack import Embedded

# Limits are on in every test, far from where tests get; those about limits narrow them.
KINDS = "API PAGES PARTIALS SIGNING_IN CONVERSATIONS PROVIDER_KEYS UPLOADS PARTS MEDIA STILLS STATIC WORKERS REFUSED"
WIDE_LIMITS = {f"LIMIT_{kind}": "1000000/m" for kind in KINDS.split()}
ROOT = Path(__file__).resolve().parent.parent
PREPARE = """
from django.core.management import call_command
from sage.static import collect_if_changed
call_command("migrate", verbosity=0)
collect_if_changed()
"""


class Stage:
    """PostgreSQL and Valkey in a folder of their own, with what every site of the tests begins with prepared there."""

    def __init__(self) -> None:
        self.var_dir = Path(tempfile.mkdtemp(prefix="sage-test-"))
        self.embedded = Embedded(self.var_dir)
        self.servers: list[subprocess.Popen[bytes]] = []

    def set_up(self) -> None:
        os.environ.update(WIDE_LIMITS, VAR_DIR=str(self.var_dir))
        self.embedded.make_socket_dir()
        self.embedded.initialise_postgres()
        self._serve()
        command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", PREPARE]
        subprocess.run(command, cwd=ROOT, check=True)
        self._end_servers()
        shutil.copytree(self.embedded.data_dir, self.var_dir / "settled")
        self._serve()

    def _serve(self) -> None:
        for command in (self.embedded.postgres_command(), self.embedded.valkey_command()):
            self.servers.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        wait_until(self.embedded.postgres_answers)
        wait_until(self.embedded.valkey_answers)

    def _end_servers(self) -> None:
        postgres, *others = self.servers
        postgres.send_signal(signal.SIGINT)
        for server in others:
            server.terminate()
        while self.servers:
            self.servers.pop().wait(10)

    def strike(self) -> None:
        self._end_servers()
        shutil.rmtree(self.var_dir, ignore_errors=True)
        shutil.rmtree(self.embedded.socket_dir, ignore_errors=True)


def furnish(stack: Embedded) -> None:
    """Give a new site what is prepared here: a migrated database and static files, which take it ten seconds.

    It checks both when it starts, as it does those of its own.
    """
    prepared = ROOT / os.environ.get("VAR_DIR", "var")
    if stack.postgres and (prepared / "settled").exists() and not stack.data_dir.exists():
        shutil.copytree(prepared / "settled", stack.data_dir)
    with contextlib.suppress(OSError):
        shutil.copytree(prepared / "static", stack.var_dir / "static", copy_function=os.link)


def wait_until(true: Callable[[], object], seconds: float = 30) -> None:
    """Wait for something that another process does; fail loudly when it does not happen."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"it did not happen within {seconds} s")
        time.sleep(0.05)
