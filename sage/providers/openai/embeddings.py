"""Compute vectors of texts with OpenAI or a compatible server."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sage.providers.calls import Caller, VendorCall
from sage.providers.errors import ModelMissing
from sage.providers.openai.client import open_client
from sage.providers.vectors import embed_in_batches, parse_dimensions

BATCH = 128  # texts in a request; OpenAI accepts 2,048, but not more than 300,000 tokens


class OpenAITextEmbedder:
    """Compute vectors over `/embeddings`.

    `dimensions` is 0 until the first response if the name of the model does not end with it, as in
    "text-embedding-3-small@512".
    """

    def __init__(self, name: str, caller: Caller) -> None:
        """Use the model with this name, such as text-embedding-3-small. Raises `ModelMissing`."""
        try:
            self._name, self.dimensions = parse_dimensions(name, 0)
        except ValueError as error:
            raise ModelMissing(f"The model {name} must have a number of dimensions after the @.") from error
        self.model = f"openai:{name}"
        self._options: Any = {"dimensions": self.dimensions} if self.dimensions else {}
        self._caller = caller

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector of length 1 for each text; zeros for a blank text. Raises `ProviderError`."""
        vectors = embed_in_batches(texts, BATCH, self._embed_batch)
        return vectors if vectors.shape[1] else np.zeros((len(texts), self.dimensions), np.float32)

    def _embed_batch(self, texts: list[str]) -> NDArray[np.float32]:
        call = VendorCall("OpenAI", self.model, self._caller)

        def request() -> NDArray[np.float32]:
            with open_client(self._caller.key) as client:
                response = client.embeddings.create(input=texts, model=self._name, **self._options)
                if response.usage:
                    call.usage.input_tokens = response.usage.prompt_tokens
                rows = sorted(response.data, key=lambda row: row.index)
                vectors = np.array([row.embedding for row in rows], np.float32)
                if [row.index for row in rows] != list(range(len(texts))) or vectors.ndim != 2:
                    raise ValueError("the vectors do not match the texts")
                if vectors.shape[1] != (self.dimensions or vectors.shape[1]) or not np.isfinite(vectors).all():
                    raise ValueError("the vectors have other dimensions, or are not finite")
                return vectors

        vectors = call.run(request)
        self.dimensions = vectors.shape[1]
        return vectors
