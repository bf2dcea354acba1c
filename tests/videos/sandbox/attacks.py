"""List what a hostile video could try once it runs code in the process of its decoder.

Each attack works without the sandbox, or fails with an error that is no refusal (for instance because its arguments are
invalid), so that a refusal shows the sandbox at work. Attacks change only the files of their scene, if at all.
"""

import ctypes
import errno
import fcntl
import mmap
import os
import signal
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.videos.sandbox.raw_calls import get_number, make_call, make_numbered_call

REFUSALS = {errno.EPERM, errno.EACCES, errno.ENOSYS}
AT_FDCWD = -100
NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000
buffer = ctypes.create_string_buffer(4096)  # at the same address in the victim, a copy of the same process


@dataclass(frozen=True)
class Scene:
    """What an attack finds: `given` is readable, `room` writable, `other` neither; `victim` has the same user."""

    room: str
    given: str
    other: str
    victim: int


Attack = Callable[[Scene], object]


def attempt(attack: Attack, scene: Scene) -> str:
    """Return "refused", or what happened instead."""
    try:
        result = attack(scene)
    except OSError as error:
        return "refused" if error.errno in REFUSALS else errno.errorcode.get(error.errno or 0, "unknown error")
    return f"done: {result}"


def attempt_all(attacks: dict[str, Attack], scene: Scene) -> dict[str, str]:
    """Return the outcome of each attack that was not refused."""
    outcomes = {name: attempt(attack, scene) for name, attack in attacks.items()}
    return {name: outcome for name, outcome in outcomes.items() if outcome != "refused"}


def call(name: str, *arguments: int | bytes | None) -> Attack:
    return lambda scene: make_call(name, *arguments)


def call_on_file(name: str, *arguments: int | bytes | None) -> Attack:
    """Make a call on the given file, which the attacker may only read."""
    return lambda scene: make_call(name, scene.given.encode(), *arguments)


def call_on_victim(name: str, *arguments: int | bytes | None) -> Attack:
    return lambda scene: make_call(name, scene.victim, *arguments)


def use_descriptor(use: Callable[[int], object]) -> Attack:
    """Open the given file and use its descriptor."""

    def attack(scene: Scene) -> object:
        descriptor = os.open(scene.given, os.O_RDONLY)
        try:
            return use(descriptor)
        finally:
            os.close(descriptor)

    return attack


def map_memory(protection: int, flags: int) -> object:
    return mmap.mmap(-1, 1 << 21, flags=flags, prot=protection).close()


def map_file_writable(scene: Scene) -> object:
    with Path(f"{scene.room}/mapped").open("wb+") as file:
        file.truncate(4096)
        return mmap.mmap(file.fileno(), 4096).close()


def fork_process(flags: int) -> object:
    pid = make_call("clone", flags, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    return pid


def connect_to_abstract_socket(scene: Scene) -> object:
    with socket.socket(socket.AF_UNIX) as sock:
        return sock.connect("\0sage-no-such-socket")


def set_victim_limit(scene: Scene) -> object:
    return make_call("prlimit64", scene.victim, 7, None, ctypes.addressof(buffer))


def raise_victim_signal(scene: Scene, option: int) -> object:
    """Make the kernel send the victim a signal about the standard output."""
    return fcntl.fcntl(1, option, scene.victim)


def copy_victim_memory(name: str, scene: Scene) -> object:
    vector = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 8)
    return make_call(name, scene.victim, ctypes.addressof(vector), 1, ctypes.addressof(vector), 1, 0)


def create_set_user_file(scene: Scene) -> object:
    return os.close(os.open(f"{scene.room}/setuid", os.O_CREAT | os.O_WRONLY, 0o4755))


FILES: dict[str, Attack] = {
    "chmod": lambda scene: Path(scene.given).chmod(0o777),
    "fchmod": use_descriptor(lambda descriptor: os.fchmod(descriptor, 0o777)),
    "chown": lambda scene: os.chown(scene.given, os.getuid(), os.getgid()),
    "fchown": use_descriptor(lambda descriptor: os.fchown(descriptor, os.getuid(), os.getgid())),
    "utime": lambda scene: os.utime(scene.given, (0, 0)),
    "futimens": use_descriptor(lambda descriptor: os.utime(descriptor, (0, 0))),
    "setxattr": call_on_file("setxattr", b"user.sage", b"x", 1, 0),
    "removexattr": call_on_file("removexattr", b"user.sage"),
    "hard link": lambda scene: os.link(scene.given, f"{scene.room}/hard"),
    "symbolic link": lambda scene: Path(f"{scene.room}/soft").symlink_to(scene.other),
    "named pipe": lambda scene: os.mkfifo(f"{scene.room}/pipe"),
    "device": lambda scene: os.mknod(f"{scene.room}/device", 0o20600, os.makedev(1, 3)),
    "setuid file": create_set_user_file,
    "folder that cannot be listed": lambda scene: os.mkdir(f"{scene.room}/hidden", 0o300),  # noqa: PTH102 - a call
    "flock": use_descriptor(lambda descriptor: fcntl.flock(descriptor, fcntl.LOCK_SH)),
    "lock of a record": use_descriptor(lambda descriptor: fcntl.lockf(descriptor, fcntl.LOCK_SH)),
    "lease": use_descriptor(lambda descriptor: fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)),
    "dnotify": use_descriptor(lambda descriptor: fcntl.fcntl(descriptor, fcntl.F_NOTIFY, 0)),
    "fallocate": call("fallocate", 2, 0, 0, 1),
    "whiteout": call("renameat2", AT_FDCWD, b"/nowhere", AT_FDCWD, b"/nowhere", 4),
    "name_to_handle_at": call("name_to_handle_at", AT_FDCWD, b"/", None, None, 0),
    "open_by_handle_at": call("open_by_handle_at", AT_FDCWD, None, 0),
    "openat2": call("openat2", AT_FDCWD, b"/", None, 0),
    "inotify": call("inotify_init1", 0),
    "fanotify": call("fanotify_init", 0x200, 0),
    "quotactl": call("quotactl", 0x80000100, None, 0, None),
    "umask": call("umask", 0o077),
    "chdir": call("chdir", b"/"),
    "sync": call("syncfs", -1),
}
PROCESSES: dict[str, Attack] = {
    "setpriority": lambda scene: os.setpriority(os.PRIO_PROCESS, scene.victim, 1),
    "prlimit": set_victim_limit,
    "kill": call_on_victim("kill", 0),
    "kill of the group": call("kill", 0, 0),
    "kill of all": call("kill", -1, 0),
    "tgkill": lambda scene: make_call("tgkill", scene.victim, scene.victim, 0),
    "tkill": call_on_victim("tkill", 0),
    "rt_sigqueueinfo": call_on_victim("rt_sigqueueinfo", 0, None),
    "rt_tgsigqueueinfo": lambda scene: make_call("rt_tgsigqueueinfo", scene.victim, scene.victim, 0, None),
    "F_SETOWN": partial(raise_victim_signal, option=fcntl.F_SETOWN),
    "F_SETSIG": lambda scene: fcntl.fcntl(1, fcntl.F_SETSIG, signal.SIGIO),
    "sched_setaffinity": lambda scene: os.sched_setaffinity(scene.victim, os.sched_getaffinity(0)),
    "sched_setscheduler": lambda scene: os.sched_setscheduler(scene.victim, os.SCHED_OTHER, os.sched_param(0)),
    "ioprio_set": lambda scene: make_call("ioprio_set", 1, scene.victim, 0),
    "ptrace": lambda scene: make_call("ptrace", 0x4206, scene.victim, 0, 0),  # PTRACE_SEIZE
    "process_vm_readv": partial(copy_victim_memory, "process_vm_readv"),
    "process_vm_writev": partial(copy_victim_memory, "process_vm_writev"),
    "process_madvise": call("process_madvise", -1, None, 0, 0, 0),
    "pidfd_open": call_on_victim("pidfd_open", 0),
    "pidfd_send_signal": call("pidfd_send_signal", -1, 0, None, 0),
    "pidfd_getfd": call("pidfd_getfd", -1, 0, 0),
    "kcmp": lambda scene: make_call("kcmp", scene.victim, scene.victim, 2, 0, 0),
    "get_robust_list": lambda scene: make_call("get_robust_list", scene.victim, *[ctypes.addressof(buffer)] * 2),
    "migrate_pages": call_on_victim("migrate_pages", 0, None, None),
    "move_pages": call_on_victim("move_pages", 0, None, None, None, 0),
    "setpgid": call("setpgid", 0, 0),
    "setsid": call("setsid"),
    "fork": lambda scene: fork_process(signal.SIGCHLD),
    "fork beside the parent": lambda scene: fork_process(0x8000 | signal.SIGCHLD),
    "clone3": call("clone3", None, 0),
    "execve": call("execve", b"/nowhere", None, None),
    "execveat": call("execveat", AT_FDCWD, b"/nowhere", None, None, 0),
    "PR_SET_PDEATHSIG": call("prctl", 1, 0, 0, 0, 0),
    "PR_SET_DUMPABLE": call("prctl", 4, 1, 0, 0, 0),
    "PR_SET_CHILD_SUBREAPER": call("prctl", 36, 0, 0, 0, 0),
    "PR_SET_PTRACER": call("prctl", 0x59616D61, 0, 0, 0, 0),
    "personality": call("personality", 0xFFFFFFFF),
}
MEMORY: dict[str, Attack] = {
    "shmget": call("shmget", 0, 4096, 0o1600),
    "semget": call("semget", 0, 1, 0o1600),
    "msgget": call("msgget", 0, 0o1600),
    "mq_open": call("mq_open", b"sage", 0, 0, None),
    "memfd_create": call("memfd_create", b"sage", 0),
    "memfd_secret": call("memfd_secret", 0),
    "shared anonymous memory": lambda scene: map_memory(3, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS),
    "shared validated memory": lambda scene: map_memory(3, 3 | mmap.MAP_ANONYMOUS),
    "stack outside the limit": lambda scene: map_memory(3, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x100),
    "huge pages": lambda scene: map_memory(3, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000),
    "shared writable file": map_file_writable,
    "mlock": call("mlock", ctypes.addressof(buffer), 1),
    "mlockall": call("mlockall", 8),
    "mbind": call("mbind", 0, 0, 0, None, 0, 0),
    "set_mempolicy": call("set_mempolicy", 0, None, 0),
    "userfaultfd": call("userfaultfd", 1),
    "splice": call("splice", -1, None, -1, None, 1, 0),
    "tee": call("tee", -1, -1, 1, 0),
    "vmsplice": call("vmsplice", -1, None, 0, 0),
}
KERNEL: dict[str, Attack] = {
    "sethostname": call("sethostname", b"x" * 70, 70),
    "setdomainname": call("setdomainname", b"x" * 70, 70),
    "setuid": lambda scene: os.setuid(os.getuid()),
    "setgid": lambda scene: os.setgid(os.getgid()),
    "setresuid": lambda scene: os.setresuid(-1, -1, -1),
    "setresgid": lambda scene: os.setresgid(-1, -1, -1),
    "setgroups": call("setgroups", 0, None),
    "setfsuid": call("setfsuid", -1),
    "unshare": call("unshare", 0),
    "setns": call("setns", -1, 0),
    "mount": call("mount", None, b"/nowhere", None, 0, None),
    "umount": call("umount2", b"/nowhere", 0),
    "pivot_root": call("pivot_root", b"/nowhere", b"/nowhere"),
    "chroot": call("chroot", b"/nowhere"),
    "open_tree": call("open_tree", -1, b"nowhere", 0),
    "move_mount": call("move_mount", -1, b"a", -1, b"b", 0),
    "fsopen": call("fsopen", b"nowhere", 0),
    "mount_setattr": call("mount_setattr", -1, b"a", 0, None, 0),
    "swapoff": call("swapoff", b"/nowhere"),
    "reboot": call("reboot", 0, 0, 0, None),
    "finit_module": call("finit_module", -1, b"", 0),
    "kexec_file_load": call("kexec_file_load", -1, -1, 0, None, 8),
    "clock_settime": call("clock_settime", 1, None),
    "clock_adjtime": call("clock_adjtime", 0, None),
    "syslog": call("syslog", 10, None, 0),
    "acct": call("acct", b"/nowhere"),
    "iopl": call("iopl", 0),
    "ioperm": call("ioperm", 0, 0, 0),
    "modify_ldt": call("modify_ldt", 0, None, 0),
    "capset": call("capset", b"\x22\x05\x08\x20\0\0\0\0", bytes(24)),
    "bpf": call("bpf", -1, None, 0),
    "perf_event_open": call("perf_event_open", None, 0, -1, -1, 0),
    "io_uring": call("io_uring_setup", 0, None),
    "io_setup": call("io_setup", 0, None),
    "keyctl": call("keyctl", 0, -3, 0, 0, 0),
    "add_key": call("add_key", None, None, None, 0, 0),
    "request_key": call("request_key", None, None, None, 0),
    "eventfd": call("eventfd2", 0, 0),
    "signalfd": call("signalfd4", -1, None, 8, 0),
    "timerfd": call("timerfd_create", 1, 0),
    "timer_create": call("timer_create", -1, None, None),
    "epoll": call("epoll_create1", 0),
    "landlock": call("landlock_create_ruleset", None, 0, 1),
    "seccomp": call("seccomp", 2, 0, ctypes.addressof(buffer)),
    "PR_SET_SECCOMP": call("prctl", 22, 2, None, 0, 0),
    "PR_SET_SECUREBITS": call("prctl", 28, 0, 0, 0, 0),
    "user namespace": lambda scene: fork_process(NEW_USER | signal.SIGCHLD),
    "network namespace": lambda scene: fork_process(NEW_USER | NEW_NETWORK | signal.SIGCHLD),
    "TIOCSTI": lambda scene: fcntl.ioctl(1, 0x5412, b"x"),
    "FIOASYNC": lambda scene: fcntl.ioctl(1, 0x5452, b"\0\0\0\0"),
    "FICLONE": lambda scene: fcntl.ioctl(1, 0x40049409, 1),
    "x32": lambda scene: make_numbered_call(0x40000000 + 39),
}
NETWORK: dict[str, Attack] = {
    "TCP": lambda scene: socket.socket().close(),
    "UDP": lambda scene: socket.socket(type=socket.SOCK_DGRAM).close(),
    "Unix socket": lambda scene: socket.socket(socket.AF_UNIX).close(),
    "abstract Unix socket": connect_to_abstract_socket,
    "pair of sockets": lambda scene: [each.close() for each in socket.socketpair()],
    "netlink": lambda scene: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close(),
    "packet": lambda scene: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close(),
    "vsock": lambda scene: socket.socket(socket.AF_VSOCK).close(),
    "crypto": lambda scene: socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET).close(),
}
# Refused by Landlock, because the calls themselves are needed.
PATHS: dict[str, Attack] = {
    "read another file": lambda scene: Path(scene.other).read_bytes(),
    "write the given file": lambda scene: Path(scene.given).write_bytes(b"x"),
    "truncate the given file": lambda scene: os.open(scene.given, os.O_TRUNC),
    "remove the given file": lambda scene: Path(scene.given).unlink(),
    "rename the given file": lambda scene: Path(scene.given).rename(f"{scene.room}/moved"),
    "create a file": lambda scene: Path(f"{scene.given}.new").write_bytes(b"x"),
    "create a folder": lambda scene: Path(f"{scene.given}.folder").mkdir(),
    "list a folder": lambda scene: list(Path(scene.given).parent.iterdir()),
    "leave the room": lambda scene: Path(f"{scene.room}/../{Path(scene.other).name}").read_bytes(),
    "leave by /proc/self/root": lambda scene: Path(f"/proc/self/root{scene.other}").read_bytes(),
    "environment of the victim": lambda scene: Path(f"/proc/{scene.victim}/environ").read_bytes(),
    "memory of the victim": lambda scene: os.open(f"/proc/{scene.victim}/mem", os.O_RDWR),
    "own memory": lambda scene: os.open("/proc/self/mem", os.O_RDWR),
    "users of the machine": lambda scene: Path("/etc/passwd").read_bytes(),
    "shared memory": lambda scene: list(Path("/dev/shm").iterdir()),
    "writable zeros": lambda scene: os.open("/dev/zero", os.O_RDWR),
    "terminal": lambda scene: os.open("/dev/ptmx", os.O_RDWR),
    "kernel settings": lambda scene: Path("/proc/sys/kernel/core_pattern").read_bytes(),
    "control groups": lambda scene: list(Path("/sys/fs/cgroup").iterdir()),
}


def list_calls(groups: Iterable[dict[str, Attack]] = (FILES, PROCESSES, MEMORY, KERNEL, NETWORK)) -> dict[str, Attack]:
    """Return the attacks that the system call filter refuses."""
    missing = () if get_number("iopl") else ("iopl", "ioperm", "modify_ldt")  # exist only on x86
    return {name: attack for group in groups for name, attack in group.items() if name not in missing}
