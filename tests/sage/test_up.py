"""The supervisor, run and killed for real."""

import http.client
import os
import signal
import socket
import subprocess

import pytest

from tests.site import Site
from tests.stage import wait_until


@pytest.fixture
def site(tmp_path):
    made = Site(tmp_path / "var")
    yield made
    if made.process and made.status is None:
        made.end()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """One that is started once, for those who leave it as well as they found it."""
    made = Site(tmp_path_factory.mktemp("running") / "var").start()
    yield made
    made.end()


def test_from_nothing_it_says_its_address_once_it_is_well(tmp_path):
    site = Site(tmp_path / "var", bare=True).start()

    assert site.lines[-1] == f"Sage is ready at {site.address}"
    assert site.health()["status"] == "ok"
    site.end()


def test_a_signal_ends_everything_in_order(site):
    for number in (signal.SIGINT, signal.SIGTERM):
        site.start()

        assert site.end(number) == 0
        assert site.is_gone
        assert not site.stack.socket_dir.exists()
        assert not (site.stack.data_dir / "postmaster.pid").exists()
        site.lines.clear()


def test_kill_9_leaves_no_process_and_no_socket_and_the_next_start_works(site):
    site.start()

    site.end(signal.SIGKILL)
    site.lines.clear()
    site.start()  # at once: it waits for what is still on its way out

    assert site.health()["status"] == "ok"
    site.end(signal.SIGKILL)
    wait_until(lambda: site.is_gone)
    assert site.sockets() == []


def test_it_starts_after_a_power_cut(site):
    """Everything dies at once, and what it left names a process that is somebody else's now."""
    site.start()
    for pid in [site.process.pid, *site.children()]:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: site.is_gone)
    pid_file = site.stack.data_dir / "postmaster.pid"
    pid_file.write_text("\n".join([str(os.getpid()), *pid_file.read_text().splitlines()[1:]]) + "\n")
    (site.var_dir / "lock").write_text(str(os.getpid()))
    assert site.sockets()

    site.lines.clear()
    site.start()

    assert site.health()["status"] == "ok"


def test_a_part_that_dies_is_started_again(running):
    site = running
    for name in ("valkey-server", "bin/postgres", "--queues=medium", "--queues=high", "manage.py web"):
        before = len(site.lines)
        [victim] = [pid for pid, command in site.children().items() if name in command]

        os.kill(victim, signal.SIGKILL)

        wait_until(lambda before=before: any("is started again" in line for line in site.lines[before:]))
        wait_until(lambda: _is_well(site))


def _is_well(site):
    try:
        return site.get()[0] == 200
    except OSError:
        return False


def test_two_sites_run_side_by_side(running, tmp_path):
    other = Site(tmp_path / "other").start()

    assert (running.get()[0], other.get()[0]) == (200, 200)
    other.end()
    assert running.get()[0] == 200


def test_one_folder_holds_one_site(running):
    second = Site(running.var_dir).begin()

    assert second.process.wait(30) == 1
    assert "Sage runs already in" in second.output
    assert running.get()[0] == 200


def test_a_taken_port_is_told_in_one_sentence(site):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", site.port))
        taken.listen()
        site.begin()

        assert site.process.wait(30) == 1
    assert site.output == (
        f"CommandError: Port {site.port} of 127.0.0.1 is taken by another program. Set PORT to another one."
    )


def test_a_full_disk_is_told_in_one_sentence(tmp_path):
    if os.getuid() == 0:  # a small disk of its own
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)], check=True)
        site = Site(tmp_path / "var", bare=True).begin()
        try:
            assert site.process.wait(30) == 1
        finally:
            subprocess.run(["umount", str(tmp_path)], check=True)
        assert "is full: " in site.output
    else:
        site = Site(tmp_path / "file" / "var", bare=True)
        (tmp_path / "file").write_text("in the way")
        assert site.begin().process.wait(30) == 1
        assert "Set VAR_DIR to a folder of yours" in site.output
    assert "Traceback" not in site.output
    assert len(site.lines) == 1


def test_settings_that_are_missing_are_told_in_one_sentence_each(tmp_path):
    site = Site(tmp_path / "var", HOST="0.0.0.0").begin()

    assert site.process.wait(30) == 1
    assert site.lines == ["SECRET_KEY is missing. Set it to 50 or more random characters."]


def test_beyond_loopback_it_becomes_well_and_sends_visitors_to_https(tmp_path):
    keys = {"SECRET_KEY": "x" * 60, "FERNET_KEYS": "A" * 43 + "="}
    site = Site(tmp_path / "var", HOST="0.0.0.0", ALLOWED_HOSTS="sage.example", **keys).start()
    try:
        visit = http.client.HTTPConnection("127.0.0.1", site.port, timeout=5)
        visit.request("GET", "/library/", headers={"Host": "sage.example"})
        answer = visit.getresponse()
    finally:
        site.end()

    assert (answer.status, answer.headers["Location"]) == (301, "https://sage.example/library/")
