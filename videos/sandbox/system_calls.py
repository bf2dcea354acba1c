"""List the system calls that a decoder may make, with their numbers.

The list was measured with strace on CPython 3.11, NumPy with OpenBLAS, PyAV with FFmpeg, and Pillow, for all functions
that run in the sandbox, and extended by the calls that other versions of the GNU C library and musl make instead.
Numbers: `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h` of Linux 6.1. Constants:
`include/uapi/linux` and `include/uapi/asm-generic`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Condition:
    """A condition on one argument, counted from 0: its low 32 bits masked by `mask` equal `value`.

    The kernel ignores the high 32 bits of all arguments that are checked.
    """

    argument: int
    mask: int
    value: int


Alternative = tuple[Condition, ...]  # all conditions must hold, so an empty one always holds

ALL_BITS = 0xFFFFFFFF

# Frequent calls first, because kernels before 5.11 compare them one by one. The numbers are for x86_64 and aarch64.
ALLOWED: dict[str, tuple[int | None, int | None]] = {
    # Threads, memory and open files
    "futex": (202, 98),
    "read": (0, 63),
    "write": (1, 64),
    "lseek": (8, 62),
    "madvise": (28, 233),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "mremap": (25, 216),
    "rt_sigprocmask": (14, 135),
    "rt_sigaction": (13, 134),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "membarrier": (324, 283),
    "rseq": (334, 293),
    "set_robust_list": (273, 99),
    "set_tid_address": (218, 96),
    "arch_prctl": (158, None),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "wait4": (61, 260),
    "close": (3, 57),
    "pread64": (17, 67),
    "pwrite64": (18, 68),
    "readv": (19, 65),
    "writev": (20, 66),
    "ftruncate": (77, 46),
    "fsync": (74, 82),
    "fdatasync": (75, 83),
    "fadvise64": (221, 223),
    "sendfile": (40, 71),
    "copy_file_range": (326, 285),
    "dup": (32, 23),
    "pipe": (22, None),
    "pipe2": (293, 59),
    "poll": (7, None),
    "ppoll": (271, 73),
    "select": (23, None),
    "pselect6": (270, 72),
    # Paths, which Landlock restricts
    "fstat": (5, 80),
    "stat": (4, None),
    "lstat": (6, None),
    "newfstatat": (262, 79),
    "statx": (332, 291),
    "statfs": (137, 43),
    "fstatfs": (138, 44),
    "access": (21, None),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "getcwd": (79, 17),
    "getdents64": (217, 61),
    "rmdir": (84, None),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "rename": (82, None),
    "renameat": (264, 38),
    # Facts about this process, the machine and the time
    "getpid": (39, 172),
    "getppid": (110, 173),
    "gettid": (186, 178),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "getrlimit": (97, 163),
    "setrlimit": (160, 164),
    "getrusage": (98, 165),
    "times": (100, 153),
    "getcpu": (309, 168),
    "uname": (63, 160),
    "sysinfo": (99, 179),
    "getrandom": (318, 278),
    "time": (201, None),
    "gettimeofday": (96, 169),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
}

# Calls that are allowed only with certain arguments.
CONDITIONAL: dict[str, tuple[int | None, int | None]] = {
    "mmap": (9, 222),
    "openat": (257, 56),
    "open": (2, None),
    "mkdirat": (258, 34),
    "mkdir": (83, None),
    "clone": (56, 220),
    "fork": (57, None),
    "renameat2": (316, 276),
    "fcntl": (72, 25),
    "ioctl": (16, 29),
    "prctl": (157, 167),
    "prlimit64": (302, 261),
    "kill": (62, 129),
    "tgkill": (234, 131),
}

# A call with a number from this one on (Linux 5.1) fails with ENOSYS, so that a C library uses its older equivalent:
# clone instead of clone3. Other refused calls fail with EPERM.
FIRST_UNKNOWN = 424

_PROT_WRITE = 2
_MAP_TYPE, _MAP_SHARED, _MAP_PRIVATE = 0x0F, 1, 2
_MAP_ANONYMOUS, _MAP_GROWSDOWN, _MAP_HUGETLB = 0x20, 0x100, 0x40000
_UNCOUNTED = _MAP_GROWSDOWN | _MAP_HUGETLB  # memory that RLIMIT_DATA does not count
_SET_ID_AND_STICKY, _OWNER = 0o7000, 0o700
# What pthread_create passes: CLONE_VM, FS, FILES, SIGHAND, THREAD, SYSVSEM, SETTLS, PARENT_SETTID, CHILD_CLEARTID.
_THREAD, _CLONE_DETACHED = 0x3D0F00, 0x400000
# What fork passes: SIGCHLD, in the GNU C library with CLONE_CHILD_SETTID and CLONE_CHILD_CLEARTID.
_FORK, _FORK_OPTIONS = 17, 0x01200000
_FCNTL_COMMANDS = (0, 1, 2, 3, 4, 1030)  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC
_IOCTL_REQUESTS = (0x5401, 0x541B, 0x5421, 0x5450, 0x5451)  # TCGETS, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX
_PRCTL_OPTIONS = (15, 16, 0x53564D41)  # PR_SET_NAME, PR_GET_NAME, PR_SET_VMA


def list_alternatives(pid: int, *, may_fork: bool) -> dict[str, tuple[Alternative, ...]]:
    """Return the conditions of each conditional call for the process `pid`. One alternative must hold."""
    thread = Condition(0, ALL_BITS & ~_CLONE_DETACHED, _THREAD)
    fork = Condition(0, ALL_BITS & ~_FORK_OPTIONS, _FORK)
    return {
        # Shared memory outlives the limit on data, so only files can be shared, and only for reading.
        "mmap": (
            (Condition(3, _MAP_TYPE | _UNCOUNTED, _MAP_PRIVATE),),
            (Condition(3, _MAP_TYPE | _UNCOUNTED | _MAP_ANONYMOUS, _MAP_SHARED), Condition(2, _PROT_WRITE, 0)),
        ),
        "openat": ((Condition(3, _SET_ID_AND_STICKY, 0),),),
        "open": ((Condition(2, _SET_ID_AND_STICKY, 0),),),
        # A worker could not measure or delete a folder that its owner cannot list.
        "mkdirat": ((Condition(2, _OWNER, _OWNER),),),
        "mkdir": ((Condition(1, _OWNER, _OWNER),),),
        "clone": ((thread,), (fork,)) if may_fork else ((thread,),),
        "fork": ((),) if may_fork else (),
        "renameat2": _allow_values(4, (0,)),  # without options, which can create a device
        "fcntl": _allow_values(1, _FCNTL_COMMANDS),  # none that sets the receiver of a signal, a lock or a lease
        "ioctl": _allow_values(1, _IOCTL_REQUESTS),
        "prctl": _allow_values(0, _PRCTL_OPTIONS),
        "prlimit64": _allow_values(0, (0,)),
        "kill": _allow_values(0, (pid,)),
        "tgkill": _allow_values(0, (pid,)),
    }


def _allow_values(argument: int, values: tuple[int, ...]) -> tuple[Alternative, ...]:
    return tuple((Condition(argument, ALL_BITS, value),) for value in values)
