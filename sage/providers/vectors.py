"""Compute vectors of many texts in batches, and normalise them."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray


def embed_in_batches(
    texts: Sequence[str], size: int, embed: Callable[[list[str]], NDArray[np.float32]]
) -> NDArray[np.float32]:
    """Return one vector of length 1 for each text. `embed` gets at most `size` texts, none of which is blank.

    Blank texts, which providers refuse, get zeros.
    """
    filled = [index for index, text in enumerate(texts) if text.strip()]
    batches = [embed([texts[index] for index in filled[start : start + size]]) for start in range(0, len(filled), size)]
    if not batches:
        return np.zeros((len(texts), 0), np.float32)
    found = normalise(np.concatenate(batches))
    vectors = np.zeros((len(texts), found.shape[1]), np.float32)
    vectors[filled] = found
    return vectors


def normalise(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the rows of `vectors`, (texts, dimensions), with length 1. Rows of zeros remain."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.nan_to_num(vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def parse_dimensions(name: str, default: int) -> tuple[str, int]:
    """Split "name@dimensions" into the name of a model and its dimensions. Raises ValueError."""
    model, _, dimensions = name.partition("@")
    return model, int(dimensions) if dimensions else default
