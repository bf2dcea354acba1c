"""Call Gemini with `google-generativeai`.

Clients are created for one key and one call, because `genai.configure` would set the key for the whole process.
"""

import itertools
import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, TypeVar

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

with warnings.catch_warnings():  # the package warns at each import that it is deprecated
    warnings.simplefilter("ignore", FutureWarning)
    import google.generativeai as genai
    from google.ai import generativelanguage as protos
    from google.ai.generativelanguage import GenerativeServiceClient, ModelServiceClient
    from google.api_core.exceptions import GoogleAPICallError, GoogleAPIError
    from google.auth.exceptions import GoogleAuthError
    from google.protobuf.json_format import ParseError

from requests import ConnectionError as LostConnection
from requests import ConnectTimeout, ReadTimeout, RequestException, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ChunkedEncodingError

from sage.providers import calls
from sage.providers.calls import Caller, CallFailure, Chunks, FailureCode, Usage, VendorCall, failure_for_status
from sage.providers.errors import ModelMissing
from sage.providers.keys import CALL_SECONDS, KeyRefused, ProviderUnavailable, error_for_status
from sage.providers.prompts import add_sources
from sage.providers.protocols import ChatMessage, ChatSource, ChatTool, ToolCall
from sage.providers.vectors import embed_in_batches, parse_dimensions

C = TypeVar("C", GenerativeServiceClient, ModelServiceClient)
DIMENSIONS = 1536  # of a vector, unless the name of the model says otherwise
BATCH = 100  # texts in a request, the most that Gemini accepts
Reason = protos.Candidate.FinishReason
COMPLETE = {Reason.STOP, Reason.MAX_TOKENS, Reason.FINISH_REASON_UNSPECIFIED}  # reasons of an answer that is shown


def check_key(key: str) -> None:
    """Check a key by listing one model. Raises `KeyRefused` or `ProviderUnavailable`."""
    once: Any = {"timeout": CALL_SECONDS, "retry": None}
    try:
        client = _create_client(ModelServiceClient, key)
        model = next(iter(genai.list_models(page_size=1, client=client, request_options=once)), None)
    except GoogleAPICallError as error:
        if _is_invalid_key(error):
            raise KeyRefused from None
        raise error_for_status(error.code) from None
    except (GoogleAPIError, GoogleAuthError, ParseError, RequestException, ValueError) as error:
        raise ProviderUnavailable(type(error).__name__) from None
    if model is None:
        raise ProviderUnavailable("the list of models is empty")


class GeminiChatModel:
    """Answer conversations with a model of Gemini, streamed."""

    sees = True

    def __init__(self, name: str, caller: Caller) -> None:
        """Use the model with this name, such as gemini-3.5-flash."""
        self.model = f"gemini:{name}"
        self._path = f"models/{name}"
        self._caller = caller

    def stream(
        self, messages: Sequence[ChatMessage], sources: Sequence[ChatSource] = (), max_tokens: int = 1024
    ) -> Iterator[str]:
        """Yield the answer piece by piece. Raises `ProviderError`."""
        with closing(self.stream_with_tools(messages, sources, (), max_tokens)) as pieces:
            yield from (piece for piece in pieces if isinstance(piece, str))

    def stream_with_tools(
        self,
        messages: Sequence[ChatMessage],
        sources: Sequence[ChatSource],
        tools: Sequence[ChatTool],
        max_tokens: int = 1024,
    ) -> Chunks[str | ToolCall]:
        """Yield the answer piece by piece, and the calls of tools at its end. Raises `ProviderError`."""
        call = VendorCall("Gemini", self.model, self._caller)
        request = _build_request(self._path, add_sources(messages, sources), max_tokens)
        if tools:
            request.tools = [protos.Tool(function_declarations=[_declare_tool(tool) for tool in tools])]
        with closing(call.stream(lambda: self._request(request, call.usage))) as chunks:
            yield from (chunk for chunk in chunks if chunk)

    def _request(self, request: protos.GenerateContentRequest, usage: Usage) -> Chunks[str | ToolCall]:
        """Yield the text of each chunk, which may be empty, then the calls of tools."""
        has_text, reason = False, Reason.FINISH_REASON_UNSPECIFIED
        tool_calls: list[ToolCall] = []
        with _open_client(self._caller.key) as client:
            # Without these two, the library tries again and waits by rules of its own.
            response = client.stream_generate_content(request, retry=None, timeout=None)
            with closing(_Cancelled(response)):
                for chunk in response:
                    usage.input_tokens = chunk.usage_metadata.prompt_token_count or usage.input_tokens
                    usage.output_tokens = chunk.usage_metadata.candidates_token_count or usage.output_tokens
                    if chunk.prompt_feedback.block_reason:
                        raise CallFailure(FailureCode.BLOCKED)
                    for candidate in chunk.candidates[:1]:
                        reason = candidate.finish_reason
                        # A candidate may have no parts, for which `.text` of the library raises an error.
                        text = "".join(part.text for part in candidate.content.parts)
                        has_text = has_text or bool(text)
                        tool_calls += [_read_call(part) for part in candidate.content.parts if part.function_call.name]
                        yield text
        if reason not in COMPLETE:
            raise CallFailure(FailureCode.BLOCKED)
        yield from tool_calls
        if not (has_text or tool_calls):
            raise CallFailure(FailureCode.EMPTY)


class GeminiTextEmbedder:
    """Compute vectors of texts with a model of Gemini."""

    def __init__(self, name: str, caller: Caller) -> None:
        """Use the model with this name, such as gemini-embedding-001 or gemini-embedding-001@768."""
        try:
            model, self.dimensions = parse_dimensions(name, DIMENSIONS)
        except ValueError as error:
            raise ModelMissing(f"The model {name} must have a number of dimensions after the @.") from error
        self.model = f"gemini:{name}"
        self._path = f"models/{model}"
        self._caller = caller

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector of length 1 for each text; zeros for a blank text. Raises `ProviderError`."""
        vectors = embed_in_batches(texts, BATCH, self._embed_batch)
        return vectors if vectors.shape[1] else np.zeros((len(texts), self.dimensions), np.float32)

    def _embed_batch(self, texts: list[str]) -> NDArray[np.float32]:
        requests = [
            protos.EmbedContentRequest(
                model=self._path,
                content=protos.Content(parts=[protos.Part(text=text)]),
                output_dimensionality=self.dimensions,
            )
            for text in texts
        ]

        def request() -> NDArray[np.float32]:
            with _open_client(self._caller.key) as client:
                batch = protos.BatchEmbedContentsRequest(model=self._path, requests=requests)
                response = client.batch_embed_contents(batch, retry=None, timeout=None)
                vectors = np.array([embedding.values for embedding in response.embeddings], np.float32)
                if vectors.shape != (len(texts), self.dimensions) or not np.isfinite(vectors).all():
                    raise ValueError("the vectors do not match the texts")
                return vectors

        return VendorCall("Gemini", self.model, self._caller).run(request)


class _Cancelled:
    """Cancel a response when it is closed, so that its connection ends with the reader."""

    def __init__(self, response: Any) -> None:
        self.close = response.cancel


class _TimeoutAdapter(HTTPAdapter):
    """Limit each wait for the provider. The library can only limit a call as a whole."""

    def send(self, *args: Any, **options: Any) -> Response:
        return super().send(*args, **{**options, "timeout": (calls.CONNECT_SECONDS, calls.IDLE_SECONDS)})


def _create_client(kind: type[C], key: str) -> C:
    options = {"api_endpoint": settings.GEMINI_BASE_URL, "api_key": key}
    client = kind(transport="rest", client_options=options)
    vars(client.transport)["_session"].max_redirects = 0  # a redirect would send the key to another host
    return client


@contextmanager
def _open_client(key: str) -> Iterator[GenerativeServiceClient]:
    """Open a client for one call. Errors inside become `CallFailure`."""
    with _translated_errors():
        client = _create_client(GenerativeServiceClient, key)
        session = vars(client.transport)["_session"]
        for scheme in ("http://", "https://"):
            session.mount(scheme, _TimeoutAdapter())
        session.hooks["response"].append(_set_encoding)
        try:
            yield client
        finally:
            session.close()


def _set_encoding(response: Response, *args: Any, **options: Any) -> None:
    """Read responses as UTF-8. Without a charset in its header, the library cannot read a stream."""
    response.encoding = "utf-8"


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except GoogleAPICallError as error:
        if _is_invalid_key(error):
            raise CallFailure(FailureCode.KEY_REFUSED) from None
        headers = getattr(error.response, "headers", {})
        raise failure_for_status(error.code, headers.get("Retry-After")) from None
    except ConnectTimeout:
        raise CallFailure(FailureCode.UNREACHABLE) from None
    except ReadTimeout:
        raise CallFailure(FailureCode.TIMEOUT) from None
    except LostConnection as error:  # requests has no type for a timeout between two chunks
        is_timeout = "timed out" in str(error).lower()
        raise CallFailure(FailureCode.TIMEOUT if is_timeout else FailureCode.UNREACHABLE) from None
    except ChunkedEncodingError:
        raise CallFailure(FailureCode.UNREACHABLE) from None
    except (GoogleAPIError, GoogleAuthError, ParseError, RequestException, AttributeError, TypeError, ValueError):
        raise CallFailure(FailureCode.MALFORMED) from None


def _is_invalid_key(error: GoogleAPICallError) -> bool:
    """Return whether Gemini refuses the key, which it does with the status 400."""
    return bool(error.code == 400 and "API key" in str(error.message))


def _build_request(path: str, messages: Sequence[ChatMessage], max_tokens: int) -> protos.GenerateContentRequest:
    """Return a request. System messages go to a field of their own; messages of one role that follow are joined."""
    rules = [protos.Part(text=message.content) for message in messages if message.role == "system"]
    turns = [message for message in messages if message.role != "system"]
    contents = [
        protos.Content(
            role="model" if role == "assistant" else "user",
            parts=[part for each in group for part in _build_parts(each)],
        )
        for role, group in itertools.groupby(turns, key=lambda message: message.role)
    ]
    return protos.GenerateContentRequest(
        model=path,
        contents=contents,
        system_instruction=protos.Content(parts=rules) if rules else None,
        generation_config=protos.GenerationConfig(max_output_tokens=max_tokens),
    )


def _declare_tool(tool: ChatTool) -> protos.FunctionDeclaration:
    request = protos.Schema(type_=protos.Type.STRING, description="What the tool should do, in the words of the user.")
    schema = protos.Schema(type_=protos.Type.OBJECT, properties={"request": request}, required=["request"])
    return protos.FunctionDeclaration(name=tool.name, description=tool.description, parameters=schema)


def _read_call(part: protos.Part) -> ToolCall:
    return ToolCall(part.function_call.name, str(dict(part.function_call.args or {}).get("request") or ""))


def _build_parts(message: ChatMessage) -> list[protos.Part]:
    """Return the text of a message, followed by its images, each after its caption."""
    parts = [protos.Part(text=message.content)]
    for image in message.images:
        data = protos.Blob(mime_type="image/jpeg", data=image.jpeg)
        parts += [protos.Part(text=image.caption), protos.Part(inline_data=data)]
    return parts
