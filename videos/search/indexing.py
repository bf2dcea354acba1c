"""Write the full-text index of passages, and create the vector index of a model."""

import zlib

from django.contrib.postgres.search import SearchVector
from django.db import connection
from psycopg import sql

from videos.models import Passage, Transcript
from videos.search.languages import find_configuration

MAX_VECTOR_DIMENSIONS = 2000  # of an HNSW index on `vector`; above that, the index is on `halfvec`
BUILD_CANDIDATES = 200  # ef_construction of HNSW; pgvector's default of 64 finds fewer of the nearest rows


def index_passages(transcript: Transcript) -> None:
    """Write the full-text index of all passages of a transcript, in its language. It can run again."""
    vector = SearchVector("text", config=find_configuration(transcript.language))
    Passage.objects.filter(transcript=transcript).update(search=vector)


def create_vector_index(model: str, dimensions: int) -> str:
    """Create the HNSW index on the passages of one model if it is missing, and return its name.

    The table can be written meanwhile. Call it outside of a transaction. A migration creates the index of the default
    model; `manage.py create_vector_index` calls this for another one.
    """
    column_type = "vector" if dimensions <= MAX_VECTOR_DIMENSIONS else "halfvec"
    name = f"videos_passage_hnsw_{dimensions}_{zlib.crc32(model.encode()):08x}"
    statement = sql.SQL(
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {table} "
        "USING hnsw ((vector::{type}({dimensions})) {operators}) WITH (ef_construction = {candidates}) "
        "WHERE model = {model}"
    ).format(
        name=sql.Identifier(name),
        table=sql.Identifier(Passage._meta.db_table),
        type=sql.SQL(column_type),
        dimensions=sql.Literal(dimensions),
        operators=sql.SQL(f"{column_type}_cosine_ops"),
        candidates=sql.Literal(BUILD_CANDIDATES),
        model=sql.Literal(model),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
    return name
