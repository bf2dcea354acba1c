"""Numbers of system calls that attacks make, for x86_64 and aarch64.

Sources: `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h` of Linux 6.1.
"""

import ctypes
import os
import platform

from videos.sandbox.kernel import LIBC

NUMBERS: dict[str, tuple[int | None, int | None]] = {
    "fchmodat": (268, 53),
    "fchownat": (260, 54),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "removexattr": (197, 14),
    "linkat": (265, 37),
    "symlinkat": (266, 36),
    "mknodat": (259, 33),
    "flock": (73, 32),
    "fallocate": (285, 47),
    "setpriority": (141, 140),
    "prlimit64": (302, 261),
    "kill": (62, 129),
    "tgkill": (234, 131),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "sched_setaffinity": (203, 122),
    "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274),
    "ioprio_set": (251, 30),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "setpgid": (109, 154),
    "setsid": (112, 157),
    "get_robust_list": (274, 100),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "mmap": (9, 222),
    "mlock": (149, 228),
    "mlockall": (151, 230),
    "mbind": (237, 235),
    "set_mempolicy": (238, 237),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "setuid": (105, 146),
    "setgid": (106, 144),
    "setresuid": (117, 147),
    "setresgid": (119, 149),
    "setgroups": (116, 159),
    "setfsuid": (122, 151),
    "unshare": (272, 97),
    "setns": (308, 268),
    "clone": (56, 220),
    "clone3": (435, 435),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "mount_setattr": (442, 442),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "finit_module": (313, 273),
    "kexec_file_load": (320, 294),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "syslog": (103, 116),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "capset": (126, 91),
    "personality": (135, 92),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_setup": (206, 0),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    "eventfd2": (290, 19),
    "signalfd4": (289, 74),
    "timerfd_create": (283, 85),
    "timer_create": (222, 107),
    "epoll_create1": (291, 20),
    "landlock_create_ruleset": (444, 444),
    "seccomp": (317, 277),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "splice": (275, 76),
    "tee": (276, 77),
    "vmsplice": (278, 75),
    "execve": (59, 221),
    "execveat": (322, 281),
    "openat2": (437, 437),
    "umask": (95, 166),
    "chdir": (80, 49),
    "sync": (162, 81),
    "syncfs": (306, 267),
    "prctl": (157, 167),
    "fcntl": (72, 25),
    "ioctl": (16, 29),
    "openat": (257, 56),
    "renameat2": (316, 276),
}
COLUMN = {"x86_64": 0, "aarch64": 1}.get(platform.machine())


def get_number(name: str) -> int | None:
    """Return the number of the call on this processor. None if it has no such call."""
    return None if COLUMN is None else NUMBERS[name][COLUMN]


def make_call(name: str, *arguments: int | bytes | None) -> int:
    """Make the call and return its result. Raises OSError if it fails."""
    return make_numbered_call(get_number(name) or 0, *arguments)


def make_numbered_call(number: int, *arguments: int | bytes | None) -> int:
    ctypes.set_errno(0)
    given = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    result = LIBC.syscall(ctypes.c_long(number), *given)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
