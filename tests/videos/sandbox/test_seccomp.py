"""Run the filter as the kernel does, for both processors on any processor."""

import errno
import struct

import pytest

from videos.sandbox.seccomp import ARCHITECTURES, build_filter
from videos.sandbox.system_calls import ALLOWED, CONDITIONAL, list_alternatives

PID = 4711
ALLOW, EPERM, ENOSYS = 0x7FFF0000, 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
THREAD, FORK, NEW_USER = 0x3D0F00, 0x01200011, 0x10000000
MACHINES = sorted(ARCHITECTURES)


def run_filter(program, architecture, number, arguments=()):
    """Return the verdict of a program of classic BPF on `struct seccomp_data`."""
    data = struct.pack("<iIQ6Q", number, architecture, 0, *(*arguments, *[0] * 6)[:6])
    accumulator, place = 0, 0
    while True:
        code, if_true, if_false, constant = program[place]
        place += 1
        if code == 0x20:  # load a word
            (accumulator,) = struct.unpack_from("<I", data, constant)
        elif code == 0x54:  # and
            accumulator &= constant
        elif code in (0x15, 0x35):  # jump if equal; jump if greater or equal
            holds = accumulator == constant if code == 0x15 else accumulator >= constant
            place += if_true if holds else if_false
        else:
            assert code == 0x06  # return
            return constant


def judge(machine, call, *arguments, may_fork=False):
    """Return the verdict on a call, given by its name or its number."""
    architecture, column = ARCHITECTURES[machine]
    number = {**ALLOWED, **CONDITIONAL}[call][column] if isinstance(call, str) else call
    return run_filter(build_filter(machine, PID, may_fork=may_fork), architecture, number, arguments)


@pytest.mark.parametrize("machine", MACHINES)
def test_the_filter_fits_the_limits_of_the_kernel(machine):
    program = build_filter(machine, PID, may_fork=True)
    assert len(program) < 4096
    for place, (_, if_true, if_false, _) in enumerate(program[:-1]):
        assert max(if_true, if_false) < min(256, len(program) - place - 1)


@pytest.mark.parametrize("machine", MACHINES)
def test_exactly_the_listed_calls_are_allowed(machine):
    architecture, column = ARCHITECTURES[machine]
    program = build_filter(machine, PID, may_fork=False)

    allowed = {number for number in range(600) if run_filter(program, architecture, number) == ALLOW}

    listed = {numbers[column] for numbers in ALLOWED.values()}
    conditional = {numbers[column] for numbers in CONDITIONAL.values()}
    assert listed - {None} <= allowed <= listed | conditional


@pytest.mark.parametrize("machine", MACHINES)
def test_newer_calls_are_unknown_so_that_libraries_use_older_ones(machine):
    assert judge(machine, 435) == ENOSYS  # clone3
    assert judge(machine, 425) == ENOSYS  # io_uring_setup
    assert judge(machine, 0x3FFFFFFF) == ENOSYS


@pytest.mark.parametrize("machine", MACHINES)
def test_other_architectures_are_refused(machine):
    program = build_filter(machine, PID, may_fork=False)
    for architecture in (0x40000003, 0x40000028, 0xC00000F3):  # i386, ARM, RISC-V
        assert run_filter(program, architecture, ALLOWED["read"][0]) == EPERM


def test_the_x32_abi_is_refused():
    assert all(judge("x86_64", 0x40000000 + number) == EPERM for number in range(600))
    assert judge("x86_64", -1) == EPERM


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("call", "arguments", "verdict"),
    [
        ("mmap", (0, 4096, 3, 0x22), ALLOW),  # private memory
        ("mmap", (0, 4096, 1, 0x01), ALLOW),  # a file, shared for reading
        ("mmap", (0, 4096, 3, 0x01), EPERM),
        ("mmap", (0, 4096, 1, 0x21), EPERM),
        ("mmap", (0, 4096, 3, 0x122), EPERM),  # MAP_GROWSDOWN
        ("clone", (THREAD,), ALLOW),
        ("clone", (THREAD | NEW_USER,), EPERM),
        ("clone", (FORK,), EPERM),
        ("openat", (0, 0, 0o101, 0o666), ALLOW),
        ("openat", (0, 0, 0o101, 0o4755), EPERM),
        ("mkdirat", (0, 0, 0o777), ALLOW),
        ("mkdirat", (0, 0, 0o300), EPERM),
        ("prlimit64", (0,), ALLOW),
        ("prlimit64", (1,), EPERM),
        ("prlimit64", (1 << 32,), ALLOW),  # the kernel reads the low 32 bits
        ("kill", (PID,), ALLOW),
        ("kill", (2**64 - 1,), EPERM),
        ("tgkill", (PID, 1, 6), ALLOW),
        ("tgkill", (1, 1, 9), EPERM),
        ("fcntl", (1, 1030), ALLOW),
        ("fcntl", (1, 8), EPERM),
        ("ioctl", (1, 0x5401), ALLOW),
        ("ioctl", (1, 0x5412), EPERM),
        ("prctl", (15,), ALLOW),
        ("prctl", (1,), EPERM),
        ("renameat2", (0, 0, 0, 0, 4), EPERM),
    ],
)
def test_arguments_are_checked(machine, call, arguments, verdict):
    assert judge(machine, call, *arguments) == verdict


@pytest.mark.parametrize("machine", MACHINES)
def test_only_a_process_that_may_fork_can_fork(machine):
    for flags in (FORK, 17):  # of the GNU C library and of musl
        assert judge(machine, "clone", flags, may_fork=True) == ALLOW
    for flags in (FORK | NEW_USER, FORK | 0x8000, FORK + 1):  # CLONE_PARENT, another signal
        assert judge(machine, "clone", flags, may_fork=True) == EPERM
    assert judge(machine, "clone", THREAD, may_fork=True) == ALLOW


def test_every_conditional_call_has_conditions():
    assert list_alternatives(PID, may_fork=False).keys() == CONDITIONAL.keys()
