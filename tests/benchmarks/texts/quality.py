"""Measure the quality of search: nDCG@10 of hybrid search, of full text alone and of vectors alone."""

import math
import os
import statistics
from typing import Any

from tests.benchmarks.texts.passages import load_passages
from tests.servers import LocalServers

DEPTH = 10


def report() -> None:
    """Print nDCG@10 over the labelled queries of every second passage. The similarity floor was tuned on the others."""
    servers = LocalServers()
    servers.start()
    try:
        os.environ["DJANGO_SETTINGS_MODULE"] = "sage.settings"
        import django

        django.setup()
        _print_table(*_fill())
    finally:
        servers.stop()


def _fill() -> tuple[Any, dict[str, Any]]:
    """Create a user whose videos have one passage each. Return the user and the keys of the passages by title."""
    from accounts.models import User
    from tests.videos.passage_rows import add_passages, create_video
    from videos.models import Passage

    owner = User.objects.create(email="a@example.org", name="A")
    for number, passage in enumerate(load_passages()):
        video = create_video(owner, f"Take {number}")
        add_passages(video, [[passage.text]])
    texts = {passage.text: passage.title for passage in load_passages()}
    return owner, {texts[row.text]: row.pk for row in Passage.objects.all()}


def _print_table(owner: Any, keys: dict[str, Any]) -> None:
    queries = {"in the words of the passage": [], "in other words": []}
    for passage in load_passages()[1::2]:
        queries["in the words of the passage"].append((passage.quote, keys[passage.title]))
        queries["in other words"] += [(query, keys[passage.title]) for query in passage.paraphrases]
    queries["all"] = [pair for pairs in queries.values() for pair in pairs]
    print(f"## Quality of search, nDCG@{DEPTH}, {len(keys)} passages of public-domain texts\n")
    print("| queries | hybrid | full text alone | vectors alone |\n|---|---|---|---|")
    for name, pairs in queries.items():
        gains = [[_gain(ranking, relevant) for ranking in _rank(owner, query)] for query, relevant in pairs]
        means = " | ".join(f"{statistics.mean(column):.3f}" for column in zip(*gains, strict=True))
        print(f"| {len(pairs)} {name} | {means} |")
    print()


def _rank(owner: Any, query: str) -> tuple[list[Any], list[Any], list[Any]]:
    """Return the keys by hybrid search, by full text and by vectors, the best first."""
    from accounts.viewer import Viewer
    from videos.search import registry
    from videos.search.filters import SearchFilters
    from videos.search.languages import list_languages
    from videos.search.query_vectors import embed_query
    from videos.search.ranking import rank_by_text, rank_by_vector, rank_rows

    viewer, filters, [kind] = Viewer(owner), SearchFilters(), registry.list_kinds("transcript")
    rows, languages, vector = kind.list_rows(viewer, filters), list_languages(viewer), embed_query(query)
    hybrid = rank_rows(viewer, [kind], filters, query, languages, vector)
    by_vector = list(rank_by_vector(kind, rows, vector, exact=True)) if vector else []
    return [match.pk for match in hybrid], rank_by_text(kind, rows, query, languages), by_vector


def _gain(ranking: list[Any], relevant: Any) -> float:
    """Return nDCG of a ranking with one relevant row: 1 at the first rank, and 0 beyond `DEPTH`."""
    best = ranking[:DEPTH]
    return 1 / math.log2(best.index(relevant) + 2) if relevant in best else 0.0
