"""The supervisor, with real processes that are started and killed."""

import http.client
import os
import secrets
import signal
import socket
import subprocess

import pytest

from sage.processes.child import FAILED_STARTS
from tests.servers import copy_prepared_state, wait_until
from tests.site import Site
from tests.visitors import Visitors, find_child, is_running, start_computing, wait_for_child


@pytest.fixture
def site(tmp_path):
    created = Site(tmp_path / "var")
    yield created
    if created.process and created.exit_status is None:
        created.stop()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """Start a site once for the tests that leave it healthy."""
    created = Site(tmp_path_factory.mktemp("running") / "var").start()
    yield created
    created.stop()


def test_a_new_site_prints_its_address_when_it_is_healthy(tmp_path):
    site = Site(tmp_path / "var", bare=True).start()

    assert site.lines[-1] == f"Sage is ready at {site.address}"
    assert site.health()["status"] == "ok"
    site.stop()


def test_a_signal_stops_all_processes_cleanly(site):
    for number in (signal.SIGINT, signal.SIGTERM):
        site.start()

        assert site.stop(number) == 0
        assert site.is_stopped
        assert not site.embedded.socket_dir.exists()
        assert not (site.embedded.data_dir / "postmaster.pid").exists()
        site.lines.clear()


def test_after_sigkill_no_process_or_socket_is_left_and_the_site_starts_again(site):
    site.start()

    site.stop(signal.SIGKILL)
    site.lines.clear()
    site.start()  # at once: it waits for processes that are still ending

    assert site.health()["status"] == "ok"
    site.stop(signal.SIGKILL)
    wait_until(lambda: site.is_stopped)
    assert site.sockets() == []


def test_the_site_starts_after_all_processes_were_killed(site):
    """A backend that computes survives them, and the lock files name a process that is not part of the site."""
    site.start()
    backend = start_computing(site)
    pids = [site.process.pid, *site.children()]
    for sent in (signal.SIGSTOP, signal.SIGKILL):  # stopped first, since the others end by themselves without it
        for pid in pids:
            os.kill(pid, sent)
    site.process.wait(60)
    pid_file = site.embedded.data_dir / "postmaster.pid"
    pid_file.write_text("\n".join([str(os.getpid()), *pid_file.read_text().splitlines()[1:]]) + "\n")
    (site.var_dir / "lock").write_text(str(os.getpid()))
    assert not site.is_stopped
    assert site.sockets()

    site.lines.clear()
    site.launch()
    for name in ("bin/postgres", "manage.py bootstrap"):  # also if these are killed during the start
        os.kill(wait_for_child(site, name, set()), signal.SIGKILL)
    site.wait_until_ready()

    assert site.health()["status"] == "ok"
    assert not is_running(backend)


def test_a_server_that_never_becomes_ready_ends_the_start(site):
    site.var_dir.mkdir()
    copy_prepared_state(site.embedded)
    (site.embedded.data_dir / "PG_VERSION").write_text("1\n")

    assert site.launch().process.wait(60) == 1
    assert "database files are incompatible with server" in site.output
    assert site.lines[-1].startswith("CommandError: postgres stopped 5 times before it was ready")


def test_a_process_that_dies_is_restarted(running):
    site = running
    for name in ("valkey-server", "bin/postgres", "--queues=medium", "--queues=high", "manage.py web"):
        before = len(site.lines)
        [pid_to_kill] = [pid for pid, command in site.children().items() if name in command]

        os.kill(pid_to_kill, signal.SIGKILL)

        wait_until(lambda before=before: any("restarting" in line for line in site.lines[before:]))
        wait_until(lambda: _is_healthy(site))


def test_the_death_of_postgres_does_not_end_the_site(running):
    """Kill the postmaster while a backend computes, which keeps the shared memory of the dead server."""
    backend = start_computing(running)
    before = len(running.lines)
    with Visitors(running) as visitors:
        os.kill(find_child(running, "bin/postgres"), signal.SIGKILL)
        wait_until(lambda: "restarting" in running.output_since(before))
        wait_until(lambda: _is_healthy(running))

    assert not is_running(backend)
    assert (visitors.wrong_answers, visitors.refused) == ([], 0)
    output = running.output_since(before)
    assert output.count("postgres │ stopped unexpectedly, restarting") == 1
    assert "shared memory" not in output
    assert not [line for line in output.splitlines() if line.startswith("postgres │") and "starting up" in line]
    assert "│ Traceback" not in output


def test_servers_may_be_killed_repeatedly_while_they_recover(running):
    killed = set()
    with Visitors(running) as visitors:
        for _ in range(FAILED_STARTS):
            servers = [wait_for_child(running, name, killed) for name in ("valkey-server", "bin/postgres")]
            for pid in servers:
                os.kill(pid, signal.SIGKILL)
            killed.update(servers)
        wait_for_child(running, "bin/postgres", killed)
        wait_until(lambda: _is_healthy(running))

    assert running.exit_status is None
    assert (visitors.wrong_answers, visitors.refused) == ([], 0)


def _is_healthy(site):
    try:
        return site.get()[0] == 200
    except OSError:
        return False


def test_two_sites_run_at_the_same_time(running, tmp_path):
    other = Site(tmp_path / "other").start()

    assert (running.get()[0], other.get()[0]) == (200, 200)
    other.stop()
    assert running.get()[0] == 200


def test_a_folder_runs_one_site(running):
    second = Site(running.var_dir).launch()

    assert second.process.wait(60) == 1
    assert "Sage is already running in" in second.output
    assert running.get()[0] == 200


def test_an_occupied_port_is_reported_in_one_sentence(site):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", site.port))
        listener.listen()
        site.launch()

        assert site.process.wait(60) == 1
    assert site.output == (
        f"CommandError: Port {site.port} of 127.0.0.1 is used by another program. Set PORT to another port."
    )


def test_a_full_disk_is_reported_in_one_line(tmp_path):
    if os.getuid() == 0:  # mount a small disk
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)], check=True)
        site = Site(tmp_path / "var", bare=True).launch()
        try:
            assert site.process.wait(60) == 1
        finally:
            subprocess.run(["umount", str(tmp_path)], check=True)
        assert "is full: " in site.output
    else:
        site = Site(tmp_path / "file" / "var", bare=True)
        (tmp_path / "file").write_text("in the way")
        assert site.launch().process.wait(60) == 1
        assert "Set VAR_DIR to a folder that you can write to" in site.output
    assert "Traceback" not in site.output
    assert len(site.lines) == 1


def test_missing_settings_are_reported_in_one_sentence_each(tmp_path):
    site = Site(tmp_path / "var", HOST="0.0.0.0").launch()

    assert site.process.wait(60) == 1
    assert site.lines == ["SECRET_KEY is missing. Set it to 50 or more random characters."]


def test_a_public_site_becomes_healthy_and_redirects_to_https(tmp_path):
    keys = {"SECRET_KEY": secrets.token_urlsafe(64), "FERNET_KEYS": "A" * 43 + "="}
    site = Site(tmp_path / "var", HOST="0.0.0.0", ALLOWED_HOSTS="sage.example", **keys).start()
    try:
        visit = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
        visit.request("GET", "/library/", headers={"Host": "sage.example"})
        answer = visit.getresponse()
    finally:
        site.stop()

    assert (answer.status, answer.headers["Location"]) == (301, "https://sage.example/library/")
