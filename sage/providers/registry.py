"""Choose the engine and the model for a purpose.

The setting of a purpose has the form "engine:model". The module of an engine is imported when it is first used, because
some take a second and up to 300 MB of memory. Only workers load engines, except for the vectors of search queries.
"""

import functools
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.conf import settings

from sage.providers.calls import Caller
from sage.providers.errors import ModelMissing
from sage.providers.keys import find_provider
from sage.providers.protocols import ChatModel, HostedClipEmbedder, TextEmbedder, Transcriber

CHAT_MODELS = {
    "extractive": "sage.providers.extractive:ExtractiveChatModel",
    "gemini": "sage.providers.gemini:GeminiChatModel",
    "llamacpp": "sage.providers.llamacpp:LlamacppChatModel",
    "openai": "sage.providers.openai.chat:OpenAIChatModel",
}
ENGINES = {  # by setting: the class of each engine
    "TEXT_VECTOR_MODEL": {
        "gemini": "sage.providers.gemini:GeminiTextEmbedder",
        "openai": "sage.providers.openai.embeddings:OpenAITextEmbedder",
        "wordllama": "sage.providers.wordllama:WordllamaEmbedder",
    },
    "CLIP_VECTOR_MODEL": {  # the decode pass itself runs the local model: see `videos.fingerprint.perceptual`
        "twelvelabs": "sage.providers.twelvelabs.marengo:MarengoEmbedder",
    },
    "SPEECH_MODEL": {
        "openai": "sage.providers.openai.speech:OpenAITranscriber",
        "whisper": "sage.providers.whisper:WhisperTranscriber",
    },
    "SUMMARY_MODEL": CHAT_MODELS,
    "CHAT_MODEL": CHAT_MODELS,
    "AGENT_MODEL": CHAT_MODELS,
    "NOTE_MODEL": CHAT_MODELS,
}
PURPOSES = {  # by setting: the purpose in the records of calls
    "TEXT_VECTOR_MODEL": "text vectors",
    "CLIP_VECTOR_MODEL": "clip vectors",
    "SPEECH_MODEL": "speech",
    "SUMMARY_MODEL": "summary",
    "CHAT_MODEL": "chat",
    "AGENT_MODEL": "agent",
    "NOTE_MODEL": "note",
}
ReportKey = Callable[[], None]
_loading: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)  # by class, so that threads load once


# The functions below take a user's own key for the provider that `find_provider` returns. Without it, the key of the
# site is used. `user_id` is recorded with each call, and `on_key_refused` is called if the provider refuses the user's
# own key. All of them raise `ModelMissing`.


def choose_text_embedder(
    key: str = "", user_id: uuid.UUID | None = None, on_key_refused: ReportKey | None = None
) -> TextEmbedder:
    embedder: TextEmbedder = _choose("TEXT_VECTOR_MODEL", key, user_id, on_key_refused)
    return embedder


def choose_clip_embedder(
    key: str = "", user_id: uuid.UUID | None = None, on_key_refused: ReportKey | None = None
) -> HostedClipEmbedder:
    embedder: HostedClipEmbedder = _choose("CLIP_VECTOR_MODEL", key, user_id, on_key_refused)
    return embedder


def choose_transcriber(
    key: str = "", user_id: uuid.UUID | None = None, on_key_refused: ReportKey | None = None
) -> Transcriber:
    transcriber: Transcriber = _choose("SPEECH_MODEL", key, user_id, on_key_refused)
    return transcriber


def choose_summary_model(
    key: str = "", user_id: uuid.UUID | None = None, on_key_refused: ReportKey | None = None
) -> ChatModel:
    model: ChatModel = _choose("SUMMARY_MODEL", key, user_id, on_key_refused)
    return model


def choose_chat_model(
    key: str = "", user_id: uuid.UUID | None = None, on_key_refused: ReportKey | None = None
) -> ChatModel:
    model: ChatModel = _choose("CHAT_MODEL", key, user_id, on_key_refused)
    return model


def choose_agent_model(
    key: str = "", user_id: uuid.UUID | None = None, on_key_refused: ReportKey | None = None
) -> ChatModel:
    model: ChatModel = _choose("AGENT_MODEL", key, user_id, on_key_refused)
    return model


def choose_note_model(
    key: str = "", user_id: uuid.UUID | None = None, on_key_refused: ReportKey | None = None
) -> ChatModel:
    model: ChatModel = _choose("NOTE_MODEL", key, user_id, on_key_refused)
    return model


def _choose(setting: str, key: str, user_id: uuid.UUID | None, on_key_refused: ReportKey | None) -> Any:
    """Return the engine that a setting names. Raises `ModelMissing`."""
    engine, _, name = str(getattr(settings, setting)).partition(":")
    if engine not in ENGINES[setting]:
        known = ", ".join(sorted(ENGINES[setting]))
        raise ModelMissing(f"{setting} names the unknown engine {engine!r}. Use one of: {known}.")
    provider = find_provider(setting)
    if provider is None:
        return _load_local(ENGINES[setting][engine], name)
    if not name:
        raise ModelMissing(f"{setting} names no model. Set it to {engine}: and the name of a model.")
    site_key = getattr(settings, f"{provider.name}_API_KEY")
    if not (key or site_key):
        raise ModelMissing(
            f"{provider.label} needs a key. Save your own under Provider keys, or ask the operator to set "
            f"{provider.name}_API_KEY."
        )
    caller = Caller(key or site_key, PURPOSES[setting], user_id, bool(key), on_key_refused)
    return _import_class(ENGINES[setting][engine])(name, caller)


def _load_local(path: str, name: str) -> Any:
    """Return the engine of a class, with a model in memory. Purposes and threads share it. Raises `ModelMissing`."""
    with _loading[path]:
        return _create_local(path, name)


@functools.cache
def _create_local(path: str, name: str) -> Any:
    return _import_class(path)(name)


def _import_class(path: str) -> Callable[..., Any]:
    module, name = path.split(":")
    factory: Callable[..., Any] = getattr(import_module(module), name)
    return factory
