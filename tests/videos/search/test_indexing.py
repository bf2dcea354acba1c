"""The full-text index of passages and the vector indexes."""

import io

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from accounts.viewer import Viewer
from tests.videos.passage_rows import add_passages, create_video
from videos.models import Passage, Transcript
from videos.search import ranking
from videos.search.filters import SearchFilters
from videos.search.indexing import index_passages
from videos.search.kinds import KINDS
from videos.search.languages import CONFIGURATIONS, find_configuration
from videos.search.query_vectors import embed_query

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "configuration"),
    [("en", "english"), ("DE", "german"), ("pt-BR", "portuguese"), ("ja", "simple"), ("", "simple")],
)
def test_a_language_has_its_configuration(language, configuration):
    assert find_configuration(language) == configuration


def test_passages_are_indexed_in_the_language_of_their_transcript(alice):
    add_passages(create_video(alice, "Film"), [["The bridges are running."]], embed=False)
    transcript = Transcript.objects.get()
    assert Passage.objects.values_list("search", flat=True).get() == "'bridg':2 'run':4"

    Transcript.objects.update(language="")
    transcript.refresh_from_db()
    index_passages(transcript)

    assert Passage.objects.values_list("search", flat=True).get() == "'are':3 'bridges':2 'running':4 'the':1"


def test_postgresql_has_every_configuration():
    with connection.cursor() as cursor:
        cursor.execute("SELECT cfgname FROM pg_ts_config")
        known = {name for (name,) in cursor.fetchall()}

    assert set(CONFIGURATIONS.values()) <= known


def test_a_large_library_is_ranked_by_the_index_and_finds_almost_the_same(alice, monkeypatch):
    add_passages(
        create_video(alice, "Film"), [[f"Take {number} of the bridge in the morning."] for number in range(30)]
    )
    [kind] = [one for one in KINDS if one.name == "transcript"]
    rows, vector = kind.list_rows(Viewer(alice), SearchFilters()), embed_query("bridge at dawn")
    exact = ranking.rank_by_vector(kind, rows, vector, exact=True)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_seqscan = off")
        by_index = ranking.rank_by_vector(kind, rows, vector, exact=False)

    assert by_index.keys() <= exact.keys()
    assert len(by_index) >= len(exact) // 2  # the index is approximate, above all with rows of earlier tests in it


@pytest.mark.django_db(transaction=True)
def test_the_command_creates_the_index_of_another_model(settings):
    settings.TEXT_VECTOR_MODEL = "wordllama:l2_supercat_64"
    out = io.StringIO()

    for _ in range(2):  # it can run again
        call_command("create_vector_index", stdout=out)

    name = out.getvalue().split()[2]
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [name])
        [definition] = cursor.fetchone()
        cursor.execute(f"DROP INDEX {name}")
    assert "hnsw" in definition and "vector(64)" in definition and "wordllama:l2_supercat_64" in definition
