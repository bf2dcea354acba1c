"""Measure what agents cost: an hour of transcript on the local engine, the registry, and 50 runs at once.

The model of the runs at once is the chunk server: 100 chunks, one every 20 ms, so that a run alone takes 2 s.
"""

import concurrent.futures
import json
import os
import resource
import statistics
import subprocess
import sys
import time
import urllib.request

from tests.benchmarks.chat.bench_site import ChatSite, open_site
from tests.servers import ROOT

MINUTES = 60
SENTENCE_SECONDS = 5.0
RUNS = 50
CHUNKS, PAUSE_MS = 100, 20
LOCAL = ("summary", "chapters", "analysis", "search", "sales_prompt_extractor")
POLL_SECONDS = 0.2
SALES = (  # said in turn for @sales_prompt_extractor, which looks for such sentences
    "How do you sell your {} tickets at the moment?",
    "We write the name of every guest of the {} into a book.",
    "That is too expensive for the {} in a year like this.",
    "Our calendar saves you an hour every day at the {} because it checks each ticket.",
)
WORDS = ("harbour", "boat", "lighthouse", "museum", "ticket", "morning", "storm", "captain", "market", "bridge", "tide")
START = "import time; t = time.perf_counter(); from chat.agents.registry import load_agents; load_agents(); "
START += "print(time.perf_counter() - t)"


def report() -> None:
    print(f"## Agents (load at start {os.getloadavg()[0]:.1f})\n")
    print("| Agent, local engine, 60 minutes of transcript | Time | Peak memory above an idle worker |\n|---|---|---|")
    for name in LOCAL:
        seconds, megabytes = measure_alone(name)
        print(f"| @{name} | {seconds:.2f} s | {megabytes:.0f} MB |", flush=True)
    starts = [float(_run_python(START)) for _ in range(5)]
    print(f"\nregistry start-up: {statistics.median(starts) * 1000:.1f} ms\n")
    with open_site(RUNS, AGENT_MODEL="openai:bench") as site:
        report_runs(site)


def measure_alone(name: str) -> tuple[float, float]:
    """Return the seconds of a run in a process of its own, and its peak memory above that before the run in MB."""
    seconds, megabytes = _run_python(f"from tests.benchmarks.agents import runs; runs.run_alone({name!r})").split()
    return float(seconds), float(megabytes)


def run_alone(name: str) -> None:
    """Run an agent on an hour of transcript, and print its seconds and its memory in MB."""
    from chat.agents.task import Subject, Task
    from chat.agents.work import analysis, chapters, search, summary
    from chat.agents.work.sales import extraction
    from sage.providers import registry
    from videos.transcripts.passages import Sentence

    write = make_sales_sentence if name == "sales_prompt_extractor" else make_sentence
    texts = (write(number) for number in range(int(MINUTES * 60 / SENTENCE_SECONDS)))
    spoken = [Sentence(n * SENTENCE_SECONDS, (n + 1) * SENTENCE_SECONDS, text) for n, text in enumerate(texts)]
    length = MINUTES * 60.0
    subject = Subject(video_id="abcdefghijk", title="Harbour tour", duration=length, language="en", sentences=spoken)
    task = Task(question="storm at the bridge", subjects=[subject], embedder=registry.choose_text_embedder())
    task.material = [search.Candidate(subject.cite(one), subject.title) for one in spoken]
    task.embed(["Load the model."])
    works = {
        "summary": summary.summarise_videos,
        "chapters": chapters.divide_videos,
        "analysis": analysis.analyse_videos,
        "search": search.find_moments,
        "sales_prompt_extractor": extraction.extract_sales_material,
    }
    before, began = _read_peak_megabytes(), time.perf_counter()
    events = list(works[name](task))
    assert events
    print(time.perf_counter() - began, _read_peak_megabytes() - before)


def make_sentence(number: int) -> str:
    topic = WORDS[number // 60 % len(WORDS)]
    other = WORDS[number * 7 % len(WORDS)]
    return f"In part {number} the guide talks about the {topic} and how the {other} came to it long ago."


def make_sales_sentence(number: int) -> str:
    return SALES[number % len(SALES)].format(f"{WORDS[number * 7 % len(WORDS)]} number {number}")


def report_runs(site: ChatSite) -> None:
    """Start all runs at once and print how long they took."""
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(RUNS) as pool:
        list(pool.map(lambda pair: call_agent(site, *pair), enumerate(site.conversations)))
    asked = time.monotonic() - began
    ended: dict[str, float] = {}
    states: dict[str, str] = {}
    while len(ended) < RUNS and time.monotonic() - began < 600:
        for conversation in site.conversations:
            if conversation not in ended and (status := read_status(site, conversation)) not in ("", "streaming"):
                ended[conversation], states[conversation] = time.monotonic() - began, status
        time.sleep(POLL_SECONDS)
    complete = sum(status == "complete" for status in states.values())
    cuts = statistics.quantiles(ended.values(), n=20)
    print(f"{RUNS} runs at once: asked within {asked:.1f} s; {complete} complete; ended after", end=" ")
    print(f"{cuts[9]:.1f} s (p50), {cuts[18]:.1f} s (p95), {max(ended.values()):.1f} s (all)", end="; ")
    print(f"a run alone takes {CHUNKS * PAUSE_MS / 1000:.1f} s")


def call_agent(site: ChatSite, number: int, conversation: str) -> None:
    body = {"message": f"@summary k{number:03d} {CHUNKS} {PAUSE_MS}"}
    request = _build_request(site, f"/v2/conversations/{conversation}/messages", json.dumps(body).encode())
    with urllib.request.urlopen(request) as answer:
        answer.readline()  # the stream has begun


def read_status(site: ChatSite, conversation: str) -> str:
    with urllib.request.urlopen(_build_request(site, f"/v2/conversations/{conversation}/messages")) as answer:
        messages = json.load(answer)
    return str(messages[-1]["status"]) if len(messages) == 2 else ""


def _build_request(site: ChatSite, path: str, body: bytes | None = None) -> urllib.request.Request:
    headers = {"Authorization": f"Bearer {site.token}", "Content-Type": "application/json"}
    return urllib.request.Request(f"{site.address}{path}", body, headers)


def _run_python(code: str) -> str:
    setup = "import django; django.setup(); "
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "sage.settings"}
    command = [sys.executable, "-c", setup + code]
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout


def _read_peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
