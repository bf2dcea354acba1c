"""What the tests stand on: real servers of their own, started once for all of them."""

import contextlib
import os
import shutil
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


class Stage:
    """PostgreSQL and Valkey in a folder of their own, and the static files collected there."""

    def __init__(self) -> None:
        self.var_dir = Path(tempfile.mkdtemp(prefix="sage-test-"))
        self.embedded = Embedded(self.var_dir)
        self.servers: list[subprocess.Popen[bytes]] = []

    def set_up(self) -> None:
        os.environ.update(WIDE_LIMITS, VAR_DIR=str(self.var_dir))
        self.embedded.make_socket_dir()
        self.embedded.initialise_postgres()
        for command in (self.embedded.postgres_command(), self.embedded.valkey_command()):
            self.servers.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        wait_until(self.embedded.postgres_answers)
        wait_until(self.embedded.valkey_answers)
        collect = "from sage.static import collect_if_changed; collect_if_changed()"
        subprocess.run([sys.executable, "manage.py", "shell", "-v", "0", "-c", collect], cwd=ROOT, check=True)

    def strike(self) -> None:
        for server in self.servers:
            server.terminate() if server is not self.servers[0] else server.send_signal(2)
        for server in self.servers:
            server.wait(10)
        shutil.rmtree(self.var_dir, ignore_errors=True)
        shutil.rmtree(self.embedded.socket_dir, ignore_errors=True)


def share_static_files(var_dir: Path) -> None:
    """Give a site the static files that are collected here, since that takes ten seconds. It checks what it finds."""
    with contextlib.suppress(OSError):
        shutil.copytree(ROOT / os.environ.get("VAR_DIR", "var") / "static", var_dir / "static", copy_function=os.link)


def wait_until(true: Callable[[], object], seconds: float = 30) -> None:
    """Wait for something that another process does; fail loudly when it does not happen."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"it did not happen within {seconds} s")
        time.sleep(0.05)
