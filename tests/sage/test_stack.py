from pathlib import Path

import pytest

from sage.stack import Embedded, StackError, celery_url


def test_a_socket_path_is_short_however_deep_the_folder():
    deep = Embedded(Path("/home/somebody") / ("deep/" * 40))

    assert len(f"{deep.socket_dir}/.s.PGSQL.5432") < 107


def test_two_folders_have_two_sockets():
    assert Embedded(Path("/a")).socket_dir != Embedded(Path("/b")).socket_dir


def test_every_command_finds_the_same_sockets(monkeypatch, tmp_path):
    before = Embedded(Path("/a")).socket_dir
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    assert Embedded(Path("/a")).socket_dir == before


def test_a_socket_directory_that_others_may_enter_is_refused(tmp_path):
    stack = Embedded(tmp_path / "var")
    stack.socket_dir.mkdir(mode=0o755)
    stack.socket_dir.chmod(0o755)

    with pytest.raises(StackError, match="Remove it"):
        stack.make_socket_dir()
    stack.socket_dir.rmdir()


@pytest.mark.parametrize(
    ("url", "celery"),
    [
        ("unix:///tmp/x/valkey.sock?db=3", "redis+socket:///tmp/x/valkey.sock?virtual_host=3"),
        ("redis://example:6379/2", "redis://example:6379/2"),
        ("rediss://:secret@example:6380/0", "rediss://:secret@example:6380/0"),
    ],
)
def test_celery_gets_the_address_in_its_own_spelling(url, celery):
    assert celery_url(url) == celery


def test_a_cluster_that_cannot_be_made_leaves_nothing_behind(tmp_path):
    blocked = tmp_path / "var"
    blocked.write_text("no folder")

    with pytest.raises(StackError, match="PostgreSQL could not set up its files"):
        Embedded(blocked).initialise_postgres()
