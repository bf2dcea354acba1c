"""Refuse all system calls but those that decoders need, by a seccomp filter (seccomp(2)).

The filter is a program of classic BPF that the kernel runs before each system call. Refused calls fail with an error
instead of ending the process, so that a library that makes an unexpected call can continue without it.
"""

import ctypes
import errno
import os
import platform
import struct
import sys

from videos.sandbox.kernel import PR_SET_SECCOMP, call_prctl
from videos.sandbox.system_calls import ALLOWED, CONDITIONAL, FIRST_UNKNOWN, Alternative, list_alternatives

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, constant

SECCOMP_MODE_FILTER = 2
# `AUDIT_ARCH_…` of linux/audit.h, and the column of this processor in the tables of calls.
ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
X32_CALLS = 0x40000000  # numbers from here on belong to the x32 ABI of x86_64

_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in `struct seccomp_data`
_LOAD, _MASK, _IS, _IS_AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_ALLOW: Instruction = (_RETURN, 0, 0, 0x7FFF0000)
_REFUSE: Instruction = (_RETURN, 0, 0, 0x00050000 | errno.EPERM)
_REFUSE_AS_UNKNOWN: Instruction = (_RETURN, 0, 0, 0x00050000 | errno.ENOSYS)


def supports_seccomp() -> bool:
    """Return whether this kernel has system call filters and Sage has one for this processor."""
    is_64_bit = struct.calcsize("P") == 8  # a 32-bit Python makes calls of another architecture
    if sys.platform != "linux" or platform.machine() not in ARCHITECTURES or not is_64_bit:
        return False
    try:
        call_prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, 0)
    except OSError as error:
        return error.errno == errno.EFAULT  # the kernel looks for a program at address 0
    return False


def build_filter(machine: str, pid: int, *, may_fork: bool) -> list[Instruction]:
    """Return the filter for the process `pid` on a processor of `ARCHITECTURES`."""
    architecture, column = ARCHITECTURES[machine]
    program: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_IS, 1, 0, architecture),
        _REFUSE,
        (_LOAD, 0, 0, _NUMBER),
        (_IS_AT_LEAST, 0, 1, X32_CALLS),
        _REFUSE,
    ]
    for name, numbers in CONDITIONAL.items():
        if (number := numbers[column]) is not None:
            checks = _build_checks(list_alternatives(pid, may_fork=may_fork)[name])
            program += [(_IS, 0, len(checks), number), *checks]
    for numbers in ALLOWED.values():
        if (number := numbers[column]) is not None:
            program += [(_IS, 0, 1, number), _ALLOW]
    return [*program, (_IS_AT_LEAST, 0, 1, FIRST_UNKNOWN), _REFUSE_AS_UNKNOWN, _REFUSE]


def _build_checks(alternatives: tuple[Alternative, ...]) -> list[Instruction]:
    """Return instructions that allow the call if all conditions of one alternative hold, and refuse it otherwise."""
    program: list[Instruction] = []
    for alternative in alternatives:
        for index, condition in enumerate(alternative):
            remaining = 3 * (len(alternative) - index - 1) + 1  # instructions of this alternative after the comparison
            program += [
                (_LOAD, 0, 0, _ARGUMENTS + 8 * condition.argument),  # both processors are little-endian
                (_MASK, 0, 0, condition.mask),
                (_IS, 0, remaining, condition.value),
            ]
        program.append(_ALLOW)
    return [*program, _REFUSE]


def restrict_system_calls(*, may_fork: bool) -> None:
    """Refuse permanently all system calls that decoders do not need. Do nothing without seccomp.

    Requires `no_new_privs`. Raises OSError if the kernel refuses the filter.
    """
    if supports_seccomp():
        install_filter(build_filter(platform.machine(), os.getpid(), may_fork=may_fork))


def install_filter(program: list[Instruction]) -> None:
    """Add a filter to this thread and the threads and processes that it starts."""
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *instruction) for instruction in program))
    header = ctypes.create_string_buffer(struct.pack("@HP", len(program), ctypes.addressof(code)))
    call_prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(header))
