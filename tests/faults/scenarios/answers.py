"""Kill the worker, Valkey and the web process while answers are written. No answer is silently half."""

import contextlib
import json
import signal
import subprocess
import sys
import urllib.request

from tests.benchmarks.chat.chunk_server import make_answer
from tests.faults.client import CSRF, ApiClient
from tests.faults.scenario import Scenario
from tests.faults.site import FaultSite
from tests.servers import ROOT
from tests.site import free_port
from tests.vendors import GOOD

CHUNKS, PAUSE_MS = 150, 20
FAULTS = ("worker", "valkey", "web", "medium")
LAPSE = "UPDATE chat_answerjob SET lease_expires_at = now() WHERE status = 'in_progress'"


def run(scenario: Scenario) -> None:
    port = free_port()
    model = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.chat.chunk_server", str(port)], cwd=ROOT)
    settings = {
        "CHAT_MODEL": "openai:bench",
        "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1",
        "OPENAI_API_KEY": GOOD["openai"],
    }
    try:
        with scenario.open_own_site(**settings) as site:
            site.execute("UPDATE billing_tier SET chat_messages = 100000")
            alice = site.sign_in()
            for turn in range(scenario.select(10, 1)):
                for fault in FAULTS:
                    _ask_during(scenario, site, alice, fault, f"{fault[0]}{turn:03d}")
    finally:
        model.kill()
        model.wait()


def _ask_during(scenario: Scenario, site: FaultSite, alice: ApiClient, fault: str, key: str) -> None:
    """Ask a question, let a fault happen while it is answered, and check the stored answer and its stream."""
    conversation = alice.call("POST", "/v2/conversations", {}).body["id"]
    path, whole = f"/v2/conversations/{conversation}/messages", make_answer(key, CHUNKS)
    if fault == "medium":
        site.processes["worker"].send_signal(signal.SIGSTOP)  # as if every thread decoded a video
    events, message_id = _read(alice, path, f"{key} {CHUNKS} {PAUSE_MS}", scenario.random.randint(1, 12))
    if fault in ("worker", "valkey", "web"):
        name = "priority" if fault == "worker" else fault
        site.kill(name)
        site.start(name)
    if fault == "worker":
        site.execute(LAPSE)  # instead of waiting for half a minute
    site.wait(lambda: _get_status(site, message_id) != "streaming", 120)
    if fault == "medium":
        site.processes["worker"].send_signal(signal.SIGCONT)
    site.wait(site.is_healthy)
    site.wait(lambda: alice.call("GET", path).status == 200)
    stored = next(one for one in alice.get(path) if one["id"] == message_id)
    last = events[-1][0] if events else 0
    rest, _ = _read(alice, f"{path}/{message_id}/stream", last=last)
    text = "".join(content for _, content in events + rest)
    label = f"{fault} after {len(events)} events: {stored['status']}, {len(stored['content'])} of {len(whole)} letters"
    scenario.log(label)
    if fault == "worker":
        is_marked = stored["status"] == "failed" and stored["metadata"]["error"]["code"] == "INTERRUPTED"
        scenario.check(
            is_marked and whole.startswith(stored["content"].rstrip()), f"it is not marked as broken: {label}"
        )
    else:
        scenario.check(stored["status"] == "complete" and stored["content"] == whole, f"it is not whole: {label}")
    scenario.check(text.rstrip() == stored["content"].rstrip(), f"the stream has {len(text)} letters: {label}")


def _get_status(site: FaultSite, message_id: str) -> str:
    return str(site.value("SELECT status FROM chat_message WHERE id = %s", message_id))


def _read(
    alice: ApiClient, path: str, question: str = "", most: int = 10**6, last: int = 0
) -> tuple[list[tuple[int, str]], str]:
    """Read at most `most` events of a stream, in pairs of number and content. Return them and the ID of the answer."""
    headers = {"Cookie": f"sessionid={alice.session}; csrftoken={CSRF}", "X-CSRFToken": CSRF}
    headers |= {"Content-Type": "application/json", **({"Last-Event-ID": str(last)} if last else {})}
    body = json.dumps({"message": question}).encode() if question else None
    request = urllib.request.Request(alice.address + path, body, headers)
    events: list[tuple[int, str]] = []
    with urllib.request.urlopen(request, timeout=120) as answer, contextlib.suppress(OSError):
        number = 0
        for line in answer:
            name, _, value = line.decode().rstrip().partition(": ")
            number = int(value) if name == "id" else number
            if name == "data" and value.startswith('{"content"'):
                events.append((number, json.loads(value)["content"]))
            if value == "[DONE]" or len(events) >= most:
                break
        return events, answer.headers["X-Message-ID"]
    raise AssertionError("the stream could not be read")
