"""Compute vectors of texts with WordLlama: static word vectors, whose weights come with its package."""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import wordllama
from numpy.typing import NDArray

from sage.providers.errors import ModelMissing
from sage.providers.vectors import normalise

CONFIG = "l2_supercat"


class WordllamaEmbedder:
    """Compute vectors on the processor, in less than 0.1 ms for a sentence."""

    def __init__(self, name: str) -> None:
        """Load the model with this name, such as l2_supercat_256. Raises `ModelMissing`."""
        config, _, dimensions = name.rpartition("_")
        if config != CONFIG or dimensions not in ("64", "128", "256"):
            raise ModelMissing(f"WordLlama has no model {name}. Use {CONFIG}_256.")
        self.model = f"wordllama:{name}"
        self.dimensions = int(dimensions)
        folder = Path(wordllama.__file__).parent  # by default it looks in another folder and then downloads
        self._model = wordllama.WordLlama.load(
            config, cache_dir=folder, dim=256, trunc_dim=self.dimensions, disable_download=True
        )
        self._lock = threading.Lock()  # its tokenizer keeps state

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector of length 1 for each text; zeros for a text without a known word."""
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        with self._lock:
            vectors = np.asarray(self._model.embed(list(texts)), np.float32)
        return normalise(vectors)
