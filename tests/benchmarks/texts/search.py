"""Measure search in a table with the passages of many users: the time of searches, and the recall of the index."""

import multiprocessing
import multiprocessing.pool
import os
import random
import re
import statistics
import time
from itertools import chain
from typing import Any

import numpy as np

from tests.servers import ROOT, LocalServers

# By the size of the table: the users by the size of their libraries; the last size has the rest.
TABLES = {20_000: {20: 1, 4000: 1, 1000: 0}, 200_000: {20: 1, 40_000: 1, 4000: 20, 1000: 0}}
PASSAGES_PER_VIDEO = 100
SENTENCES_PER_PASSAGE = 14
WORDS_PER_SENTENCE = 12
TOPICS = 50  # a video has one of them
SENTENCES_PER_TOPIC = 100
CLIENTS = 10
SEARCHES = 300  # for each size
PACED_SEARCHES = 20  # of each client
PACE_SECONDS = 1.0
RECALL_QUERIES = 100
INDEXES = ("videos_passage_search", "videos_passage_wordllama_256")
COPY = "COPY one (video_id, owner_id, transcript_id, start, stop, text, model, vector) FROM STDIN"
INSERT = """
INSERT INTO videos_passage (video_id, owner_id, transcript_id, start, "end", text, search, model, vector)
SELECT video_id, owner_id, transcript_id, start, stop, text, to_tsvector('english', text), model, vector FROM one
"""
TABLE = """
CREATE TEMPORARY TABLE one (
    video_id uuid, owner_id uuid, transcript_id bigint, start float, stop float, text text, model text, vector vector
)
"""


def report() -> None:
    """Print the figures of a small and a large table, on separate databases with one thread per client."""
    for passages in TABLES:
        process = multiprocessing.get_context("spawn").Process(target=_report_table, args=[passages])
        process.start()  # Django can be set up only once in a process
        process.join()


def _report_table(passages: int) -> None:
    servers = LocalServers()
    servers.start()
    try:
        os.environ["DJANGO_SETTINGS_MODULE"] = "sage.settings"
        import django

        django.setup()
        print(f"## Search of about {passages:,} passages (load at start {os.getloadavg()[0]:.1f})\n")
        sentences = _make_sentences()
        owners = _fill(passages, sentences)
        _measure_searches(owners, sentences)
        for size in sorted({20, max(owners)}):
            _measure_recall(owners[size][0], sentences)
        print(flush=True)
    finally:
        servers.stop()


def _make_sentences() -> list[str]:
    """Return sentences of words from the repository's documentation, common words more often, topic by topic."""
    text = " ".join(path.read_text() for path in [*ROOT.glob("*.md"), *ROOT.glob("videos/**/*.py")])
    words = list(dict.fromkeys(re.findall(r"\b[a-z]{3,12}\b", text)))
    draw = random.Random(1)
    sentences = []
    for topic in range(TOPICS):
        weights = [(10 if rank % TOPICS == topic else 1) / (rank + 10) for rank in range(len(words))]
        chosen = [draw.choices(words, weights, k=WORDS_PER_SENTENCE) for _ in range(SENTENCES_PER_TOPIC)]
        sentences += [" ".join(sentence) + "." for sentence in chosen]
    return sentences


def _fill(passages: int, sentences: list[str]) -> dict[int, list[Any]]:
    """Create the users with their passages and both indexes, and return the users by the size of their libraries."""
    from django.db import connection

    from accounts.models import User

    owners: dict[int, list[Any]] = {}
    left = passages
    for size, count in TABLES[passages].items():
        owners[size] = []
        for _ in range(count or left // size):
            name = f"{size}-{len(owners[size])}"
            owners[size].append(User.objects.create(email=f"{name}@example.org", name=name))
            left -= size
    with connection.cursor() as cursor:
        definitions = []
        for name in INDEXES:
            cursor.execute("SELECT pg_get_indexdef(%s::regclass)", [name])
            definitions.append(cursor.fetchone()[0])
            cursor.execute(f"DROP INDEX {name}")
        _copy_passages(cursor, owners, sentences)
        cursor.execute("SET maintenance_work_mem = '1GB'")
        for name, definition in zip(INDEXES, definitions, strict=True):
            began = time.perf_counter()
            cursor.execute(definition)
            cursor.execute("SELECT pg_size_pretty(pg_relation_size(%s::regclass))", [name])
            print(f"- index {name}: {time.perf_counter() - began:.0f} s, {cursor.fetchone()[0]}", flush=True)
        cursor.execute("ANALYZE")
    return owners


def _copy_passages(cursor: Any, owners: dict[int, list[Any]], sentences: list[str]) -> None:
    """Write the passages by COPY. A passage has random sentences of a topic, and its vector is the mean of theirs."""
    from sage.providers import registry

    embedder = registry.choose_text_embedder()
    vectors = embedder.embed(sentences)
    draw = np.random.default_rng(2)
    began = time.perf_counter()
    transcripts = [one for size, users in owners.items() for user in users for one in _create_videos(user, size)]
    cursor.execute(TABLE)
    with cursor.copy(COPY) as copy:
        for transcript, count in transcripts:
            first = int(draw.integers(TOPICS)) * SENTENCES_PER_TOPIC
            for number in range(count):
                chosen = first + draw.integers(SENTENCES_PER_TOPIC, size=SENTENCES_PER_PASSAGE)
                vector = vectors[chosen].mean(axis=0)
                vector /= np.linalg.norm(vector)
                written = f"[{','.join(f'{value:.5f}' for value in vector)}]"
                text = " ".join(sentences[one] for one in chosen)
                video = transcript.video
                row = (video.pk, video.owner_id, transcript.pk, number, number + 1, text, embedder.model, written)
                copy.write_row(row)
    cursor.execute(INSERT)
    print(f"- rows: {time.perf_counter() - began:.0f} s", flush=True)


def _create_videos(owner: Any, passages: int) -> list[tuple[Any, int]]:
    """Create the videos of one user, and return their transcripts with the number of passages of each."""
    from videos.models import Transcript, Video

    counts = [min(PASSAGES_PER_VIDEO, passages - first) for first in range(0, passages, PASSAGES_PER_VIDEO)]
    known = {"owner": owner, "filename": "a.mp4", "size": 1, "status": "ready", "duration": 9000.0}
    videos = [Video(**known, title=f"Take {number}", storage_key=f"{number}") for number in range(len(counts))]
    Video.objects.bulk_create(videos)
    transcripts = [Transcript(video=video, source="speech", language="en") for video in videos]
    return list(zip(Transcript.objects.bulk_create(transcripts), counts, strict=True))


def _measure_searches(owners: dict[int, list[Any]], sentences: list[str]) -> None:
    print(f"\n{CLIENTS} clients at once, queries of one to four words, the first page of results: as fast as they can,")
    print(f"and with a search every {PACE_SECONDS} s by each client.\n")
    print("| passages of the user | searches per second | p50, ms | p95, ms | paced: p50, ms | p95, ms |")
    print("|---|---|---|---|---|---|")
    for size, users in sorted(owners.items()):
        draw = random.Random(size)
        jobs = [
            (draw.choice(users), " ".join(draw.choice(sentences).strip(".").split()[: draw.randint(1, 4)]))
            for _ in range(SEARCHES)
        ]
        with multiprocessing.pool.ThreadPool(CLIENTS) as clients:
            clients.starmap(_search, jobs[: 2 * CLIENTS])  # opens the connections
            began = time.perf_counter()
            cuts = statistics.quantiles(clients.starmap(_search, jobs, chunksize=1), n=20)
            rate = SEARCHES / (time.perf_counter() - began)
            parts = [jobs[number :: SEARCHES // PACED_SEARCHES] for number in range(CLIENTS)]
            paced = statistics.quantiles(chain.from_iterable(clients.map(_search_at_pace, parts, chunksize=1)), n=20)
            clients.map(_close_connection, range(CLIENTS), chunksize=1)
        print(
            f"| {size:,} | {rate:.0f} | {cuts[9]:.0f} | {cuts[18]:.0f} | {paced[9]:.0f} | {paced[18]:.0f} |", flush=True
        )


def _search_at_pace(jobs: list[tuple[Any, str]]) -> list[float]:
    """Search at even intervals, beginning at a random moment of the first one."""
    began = time.perf_counter() + random.random() * PACE_SECONDS
    times = []
    for number, (user, text) in enumerate(jobs):
        time.sleep(max(0.0, began + number * PACE_SECONDS - time.perf_counter()))
        times.append(_search(user, text))
    return times


def _search(user: Any, text: str) -> float:
    """Return the milliseconds of one search."""
    from accounts.viewer import Viewer
    from videos.search.filters import SearchFilters
    from videos.search.results import search_library

    began = time.perf_counter()
    _ = search_library(Viewer(user), text, SearchFilters())[:10]
    return (time.perf_counter() - began) * 1000


def _close_connection(_: int) -> None:
    from django.db import connection

    time.sleep(0.1)  # so that each thread gets one call
    connection.close()


def _measure_recall(user: Any, sentences: list[str]) -> None:
    """Print the share of the ten nearest passages that the index finds, and that it finds for the smallest library."""
    from accounts.viewer import Viewer
    from videos.search import ranking
    from videos.search.filters import SearchFilters
    from videos.search.kinds import KINDS
    from videos.search.query_vectors import embed_query

    [kind] = [one for one in KINDS if one.name == "transcript"]
    rows = kind.list_rows(Viewer(user), SearchFilters())
    found, times = [], {"index": 0.0, "exact": 0.0}
    for sentence in random.Random(3).sample(sentences, RECALL_QUERIES):
        vector = embed_query(sentence)
        assert vector
        nearest: dict[str, set[Any]] = {}
        for name in ("index", "exact"):
            began = time.perf_counter()
            nearest[name] = set(list(ranking.rank_by_vector(kind, rows, vector, exact=name == "exact"))[:10])
            times[name] += (time.perf_counter() - began) * 1000 / RECALL_QUERIES
        found.append(len(nearest["index"] & nearest["exact"]) / 10)
    print(f"\nRecall@10 of the index among {rows.count():,} passages of one user: {statistics.mean(found):.3f}")
    print(f"({times['index']:.0f} ms, exact {times['exact']:.0f} ms)")
