"""Choose the engine and the model for a purpose.

The setting of a purpose has the form "engine:model". The module of an engine is imported when it is first used, because
some take a second and up to 300 MB of memory. Only workers load engines, except for the vectors of search queries.
"""

import functools
from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.conf import settings

from sage.providers.errors import ModelMissing
from sage.providers.protocols import ChatModel, TextEmbedder, Transcriber

CHAT_MODELS = {"extractive": "sage.providers.extractive:ExtractiveChatModel"}
ENGINES = {  # by setting: the class of each engine
    "TEXT_VECTOR_MODEL": {"wordllama": "sage.providers.wordllama:WordllamaEmbedder"},
    "SPEECH_MODEL": {"whisper": "sage.providers.whisper:WhisperTranscriber"},
    "SUMMARY_MODEL": CHAT_MODELS,
    "CHAT_MODEL": CHAT_MODELS,
    "AGENT_MODEL": CHAT_MODELS,
}


def choose_text_embedder() -> TextEmbedder:
    embedder: TextEmbedder = _load("TEXT_VECTOR_MODEL", settings.TEXT_VECTOR_MODEL)
    return embedder


def choose_transcriber() -> Transcriber:
    transcriber: Transcriber = _load("SPEECH_MODEL", settings.SPEECH_MODEL)
    return transcriber


def choose_summary_model() -> ChatModel:
    model: ChatModel = _load("SUMMARY_MODEL", settings.SUMMARY_MODEL)
    return model


@functools.cache
def _load(setting: str, value: str) -> Any:
    """Return the engine that the value of a setting names. Raises `ModelMissing`."""
    engines = ENGINES[setting]
    engine, _, model = value.partition(":")
    if engine not in engines:
        raise ModelMissing(f"{setting} names the unknown engine {engine!r}. Use one of: {', '.join(sorted(engines))}.")
    module, name = engines[engine].split(":")
    factory: Callable[[str], Any] = getattr(import_module(module), name)
    return factory(model)
