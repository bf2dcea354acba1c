"""Compute the vector of a search text in the web process, by a local model only."""

import dataclasses
import logging
import re

from django.conf import settings

from sage.providers.errors import ProviderError

LOCAL_ENGINES = ("wordllama",)  # the web process never calls a hosted one
EXCLUDED = re.compile(r'(?<!\S)-("[^"]*"?|\S+)')  # as in websearch_to_tsquery

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class QueryVector:
    """The vector of a search text at length 1. Only vectors of the same model are compared with it."""

    model: str
    values: list[float]


def list_excluded_words(text: str) -> list[str]:
    """Return the words and "phrases" that follow a minus sign in a search text."""
    return [found for found in EXCLUDED.findall(text) if found.strip('"')]


def embed_query(text: str) -> QueryVector | None:
    """Return the vector of `text` without its excluded words.

    None if the model is hosted, is not installed, or knows none of the words.
    """
    text = EXCLUDED.sub(" ", text)
    if settings.TEXT_VECTOR_MODEL.partition(":")[0] not in LOCAL_ENGINES:
        return None
    from sage.providers import registry  # it loads numpy, which the web process does before its first search only

    try:
        embedder = registry.choose_text_embedder()
        [vector] = embedder.embed([text])
    except ProviderError as error:
        logger.warning("Search uses no vectors: %s", error)
        return None
    return QueryVector(embedder.model, vector.tolist()) if vector.any() else None
