"""A site whose chat model is the chunk server, with many conversations about one video."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.servers import ROOT, wait_until
from tests.site import Site, free_port
from tests.vendors import GOOD

FILL = """
from accounts.models import User
from accounts.signin import jwts
from accounts.viewer import Viewer
from billing.models import Tier
from chat.conversations import create_conversation
from tests.chat.talk import add_transcript
from videos.models import Video
Tier.objects.update(chat_messages=1_000_000)
alice = User.objects.create_user("alice@example.org", "correct horse battery")
video = Video.objects.create(owner=alice, title="Harbour tour", duration=600.0, status="ready")
add_transcript(video, [f"Sentence number {{number}} of the harbour tour." for number in range(100)])
print("token", jwts.issue(alice))
for _ in range({count}):
    print("conversation", create_conversation(Viewer(alice), video_ids=[str(video.pk)]).pk)
"""
TICKS = os.sysconf("SC_CLK_TCK")
ROLES = {" web": "web", "--queues=high": "priority", "valkey": "valkey", "postgres": "postgres"}


class ChatSite(Site):
    """A running site with the chunk server, a user, and `conversations`."""

    token = ""
    conversations: list[str]

    def start_with(self, count: int) -> "ChatSite":
        self.model_port = free_port()
        self.environment |= {
            "CHAT_MODEL": "openai:bench",
            "OPENAI_BASE_URL": f"http://127.0.0.1:{self.model_port}/v1",
            "OPENAI_API_KEY": GOOD["openai"],
        }
        command = [sys.executable, "-m", "tests.benchmarks.chat.chunk_server", str(self.model_port)]
        self.model = subprocess.Popen(command, cwd=ROOT)
        self.start()
        pairs = [line.split() for line in self.run(FILL.format(count=count)).splitlines() if " " in line]
        self.conversations = [value for name, value in pairs if name == "conversation"]
        self.token = next(value for name, value in pairs if name == "token")
        wait_until(lambda: self.fetch_times() == {})
        return self

    def fetch_times(self) -> dict[str, float] | None:
        """Return when the model sent the first chunk of each answer. None if the chunk server does not answer yet."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.model_port}/times") as answer:
                return dict(json.load(answer))
        except OSError:
            return None

    def find_processes(self) -> dict[str, list[int]]:
        """Return the process ids of the web, of the worker for answers and of the servers."""
        found: dict[str, list[int]] = {}
        for pid, command in self.children().items():
            role = next((role for part, role in ROLES.items() if part in command), None)
            if role:
                found.setdefault(role, []).append(pid)
                with contextlib.suppress(OSError):
                    below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
                    found[role] += [int(child) for child in below]
        return found

    def measure_cpu(self) -> dict[str, float]:
        """Return the processor seconds of each role, and of the chunk server as `model`."""
        roles = {**self.find_processes(), "model": [self.model.pid], "clients": [os.getpid()]}
        return {role: sum(map(_read_cpu, pids)) for role, pids in roles.items()}

    def measure_memory(self, role: str) -> float:
        """Return the resident memory of a role in MB."""
        return sum(map(_read_megabytes, self.find_processes()[role]))


def _read_cpu(pid: int) -> float:
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
    return 0.0


def _read_megabytes(pid: int) -> float:
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)
    return 0.0


@contextlib.contextmanager
def open_site(conversations: int, **environment: str) -> Iterator[ChatSite]:
    folder = Path(tempfile.mkdtemp(prefix="sage-chat-"))
    site = ChatSite(folder / "var", **environment)
    try:
        yield site.start_with(conversations)
    finally:
        site.stop()
        site.model.kill()
        site.model.wait()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def open_bare_endpoint() -> Iterator[int]:
    """Run the bare endpoint and return its port."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "tests.benchmarks.chat.bare_endpoint:app", "--port", str(port)]
    process = subprocess.Popen([*command, "--log-level", "warning", "--no-access-log"], cwd=ROOT)

    def answers() -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/k000/1/0"):
            return True
        return False

    try:
        wait_until(answers)
        yield port
    finally:
        process.terminate()
        process.wait()
