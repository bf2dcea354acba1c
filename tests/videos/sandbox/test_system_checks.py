import pytest

from videos.sandbox import system_checks
from videos.sandbox.namespaces import NAMESPACES
from videos.sandbox.system_checks import check_confinement


@pytest.fixture(autouse=True)
def complete_system(monkeypatch):
    """Present a system that has all protections, which this one may lack."""
    monkeypatch.setattr(system_checks.sys, "platform", "linux")
    monkeypatch.setattr(system_checks, "get_landlock_version", lambda: 6)
    monkeypatch.setattr(system_checks, "supports_seccomp", lambda: True)
    monkeypatch.setattr(system_checks, "probe_namespaces", lambda: {*NAMESPACES})
    monkeypatch.setattr(system_checks, "has_proc", lambda: True)


def test_a_system_with_all_protections_gets_no_message():
    assert check_confinement() == []


@pytest.mark.parametrize(
    ("name", "value", "identity", "words"),
    [
        ("get_landlock_version", 0, "videos.W002", "no Landlock"),
        ("supports_seccomp", False, "videos.W003", "no system call filter"),
        ("probe_namespaces", {"network", "IPC"}, "videos.W004", "no user namespace"),
        ("probe_namespaces", set(), "videos.W004", "no user, network and IPC namespace"),
        ("has_proc", False, "videos.W005", "no /proc"),
    ],
)
def test_each_missing_protection_gets_a_warning_that_says_what_to_do(monkeypatch, name, value, identity, words):
    monkeypatch.setattr(system_checks, name, lambda: value)

    (warning,) = check_confinement()

    assert (warning.id, warning.level) == (identity, 30)
    assert words in warning.msg
    assert warning.hint.endswith(".")


def test_another_system_than_linux_gets_one_warning(monkeypatch):
    monkeypatch.setattr(system_checks.sys, "platform", "darwin")
    assert [warning.id for warning in check_confinement()] == ["videos.W001"]
