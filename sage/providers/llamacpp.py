"""Answer conversations with a model in a GGUF file, by llama.cpp in this process."""

import secrets
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from sage.providers.calls import Caller
from sage.providers.errors import ModelMissing
from sage.providers.openai.chat import ChatServer, OpenAIChatModel
from sage.providers.protocols import ChatMessage, ChatSource

CONTEXT_TOKENS = 8192  # of a prompt with its answer; the model may support fewer
IDLE_SECONDS = 600.0  # a processor may take minutes to read a long prompt, and answers are computed one by one


class LlamacppChatModel:
    """Answer conversations with a model that is loaded once for each process.

    llama.cpp listens on a free port of the loopback interface. A random key keeps other users of the machine out.
    """

    sees = False

    def __init__(self, path: str) -> None:
        """Load the model in this GGUF file, which takes seconds. Raises `ModelMissing`."""
        if not Path(path).is_file():
            raise ModelMissing(f"The model file {path} does not exist. Ask the operator to set LOCAL_CHAT_MODEL.")
        try:
            xllamacpp: Any = import_module("xllamacpp")
        except ImportError as error:
            raise ModelMissing(
                "llama.cpp is not installed. Ask the operator to run `pip install xllamacpp`."
            ) from error
        key = secrets.token_urlsafe(32)
        parameters = xllamacpp.CommonParams()
        parameters.model.path = path
        parameters.n_ctx = CONTEXT_TOKENS
        parameters.verbosity = 1  # errors only
        parameters.n_parallel = 1  # more would share the context
        parameters.api_keys = [key]
        try:
            self._server = xllamacpp.Server(parameters)  # runs until it is deleted
        except Exception as error:
            raise ModelMissing(f"llama.cpp could not load the model file {path} ({type(error).__name__}).") from error
        address = f"{self._server.listening_address}/v1"
        server = ChatServer("The model on this machine", "llamacpp", address, IDLE_SECONDS)
        self._chat = OpenAIChatModel(Path(path).stem, Caller(key, "local chat"), server)
        self.model = self._chat.model

    def stream(
        self, messages: Sequence[ChatMessage], sources: Sequence[ChatSource] = (), max_tokens: int = 1024
    ) -> Iterator[str]:
        """Yield the answer piece by piece. Raises `ProviderError`."""
        return self._chat.stream(messages, sources, max_tokens)
