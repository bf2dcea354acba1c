"""Compute the vector of a search text in the web process, by a local model only."""

import dataclasses
import logging

from django.conf import settings

from sage.providers.errors import ProviderError

LOCAL_ENGINES = ("wordllama",)  # the web process never calls a hosted one

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class QueryVector:
    """The vector of a search text at length 1. Only vectors of the same model are compared with it."""

    model: str
    values: list[float]


def embed_query(text: str) -> QueryVector | None:
    """Return the vector of `text`. None if the model is hosted, is not installed, or knows none of the words."""
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
