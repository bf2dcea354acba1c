from pathlib import Path

import pytest

from sage.processes.embedded import Embedded, EmbeddedServerError, celery_url


def test_a_socket_path_is_short_for_any_folder():
    deep = Embedded(Path("/home/somebody") / ("deep/" * 40))

    assert len(f"{deep.socket_dir}/.s.PGSQL.5432") < 107


def test_each_folder_has_its_own_socket():
    assert Embedded(Path("/a")).socket_dir != Embedded(Path("/b")).socket_dir


def test_the_socket_folder_does_not_depend_on_the_environment(monkeypatch, tmp_path):
    before = Embedded(Path("/a")).socket_dir
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    assert Embedded(Path("/a")).socket_dir == before


def test_a_socket_directory_that_others_may_enter_is_refused(tmp_path):
    stack = Embedded(tmp_path / "var")
    stack.socket_dir.mkdir(mode=0o755)
    stack.socket_dir.chmod(0o755)

    with pytest.raises(EmbeddedServerError, match="Remove it"):
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
def test_the_celery_url_has_the_format_of_celery(url, celery):
    assert celery_url(url) == celery


def test_a_failed_initialisation_of_postgres_is_reported(tmp_path):
    blocked = tmp_path / "var"
    blocked.write_text("no folder")

    with pytest.raises(EmbeddedServerError, match="PostgreSQL could not create its files"):
        Embedded(blocked).initialise_postgres()
