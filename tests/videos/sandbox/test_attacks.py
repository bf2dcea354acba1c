"""Attack the system from inside the sandbox, as root and as an ordinary user, as far as this process can be both."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.videos.sandbox import attacks
from tests.videos.sandbox.attacks import PATHS, Scene, attempt_all, list_calls
from tests.videos.sandbox.processes import USERS, run_as, start_victim
from videos.sandbox import runner
from videos.sandbox.confinement import confine_process
from videos.sandbox.landlock import get_landlock_version
from videos.sandbox.namespaces import enter_namespaces
from videos.sandbox.seccomp import supports_seccomp
from videos.sandbox.system_checks import probe_namespaces

# The attacks that this kernel can refuse.
REFUSED = (list_calls() if supports_seccomp() else {}) | (PATHS if get_landlock_version() else {})
# What the user namespace alone refuses.
ON_OTHER_PROCESSES = {
    name: each
    for name, each in {**attacks.PROCESSES, **PATHS}.items()
    if name in {"ptrace", "process_vm_readv", "process_vm_writev", "environment of the victim", "memory of the victim"}
}


@pytest.fixture(params=USERS, ids=lambda user: "root" if user == 0 else "ordinary user")
def scene(request):
    """Provide the files and the victim of one user, in a folder that this user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="sage-attacks-", dir="/tmp"))
    (folder / "room").mkdir()
    for name in ("given", "other"):
        (folder / name).write_bytes(b"film")
    for path in (folder, *folder.iterdir()):
        os.chown(path, request.param, -1)
    with start_victim(request.param) as victim:
        yield request.param, Scene(str(folder / "room"), str(folder / "given"), str(folder / "other"), victim)
    shutil.rmtree(folder)


def attack_all(**fields):
    """Run all attacks; the sandbox calls this function."""
    return attempt_all(REFUSED, Scene(**fields))


def test_each_attack_is_refused(scene):
    user, found = scene

    def work():
        enter_namespaces()
        confine_process([Path(found.given)], [Path(found.room)])
        return attempt_all(REFUSED, found)

    assert run_as(user, work) == {}


def test_each_attack_is_refused_without_namespaces(scene):
    """A container may forbid them."""
    user, found = scene

    def work():
        confine_process([Path(found.given)], [Path(found.room)])
        return attempt_all(REFUSED, found)

    assert run_as(user, work) == {}


def test_a_child_of_the_runner_can_do_none_of_them(monkeypatch):
    for name in ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"):
        monkeypatch.delenv(name, raising=False)
    with tempfile.TemporaryDirectory() as folder, start_victim(os.geteuid()) as victim:
        room, given, other = (Path(folder, name) for name in ("room", "given", "other"))
        room.mkdir()
        for path in (given, other):
            path.write_bytes(b"film")
        fields = {"room": str(room), "given": str(given), "other": str(other), "victim": victim}

        assert runner.run_in_sandbox(f"{__name__}:attack_all", fields, room=room, reads=[given]) == {}


def test_a_process_in_its_own_user_namespace_cannot_read_others(scene):
    user, found = scene

    def work():
        entered = enter_namespaces()
        return attempt_all(ON_OTHER_PROCESSES if "user" in entered else {}, found)

    assert run_as(user, work) == {}


def test_no_capability_is_left(scene):
    user, _ = scene

    def work():
        enter_namespaces()
        confine_process([], [])
        return Path("/proc/self/status").read_text()

    status = dict(line.split(":\t", 1) for line in run_as(user, work).splitlines() if ":\t" in line)
    assert status["NoNewPrivs"] == "1"
    sets = ["CapInh", "CapPrm", "CapEff", "CapAmb"]
    if user == 0 or "user" in probe_namespaces():
        sets.append("CapBnd")  # an ordinary user cannot empty it elsewhere
    assert {name: int(status[name], 16) for name in sets} == dict.fromkeys(sets, 0)


def test_the_attacks_work_without_the_sandbox(scene):
    """Show that a refusal comes from the sandbox, by attacks that need no privilege."""
    user, found = scene
    names = ["chmod", "utime", "setpriority", "shared anonymous memory", "TCP", "read another file"]
    everything = list_calls() | PATHS

    done = run_as(user, lambda: attempt_all({name: everything[name] for name in names}, found))

    assert set(done) == set(names)
