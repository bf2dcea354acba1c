"""Answer conversations with a chat model of OpenAI or a compatible server."""

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from sage.providers import calls
from sage.providers.calls import Caller, CallFailure, Chunks, FailureCode, Usage, VendorCall
from sage.providers.interruption import interruptible
from sage.providers.openai.client import open_client
from sage.providers.prompts import add_sources, describe_tool, reject_images
from sage.providers.protocols import ChatMessage, ChatSource, ChatTool, ToolCall

OPENAI_HOST = "api.openai.com"


@dataclass(frozen=True, slots=True)
class ChatServer:
    """A server that speaks OpenAI's protocol. `provider` is its name for users, `engine` its name in settings."""

    provider: str
    engine: str
    base_url: str
    idle_seconds: float  # timeout of each wait for bytes of the response
    sees: bool = False


class OpenAIChatModel:
    """Answer conversations over `/chat/completions`, streamed."""

    def __init__(self, name: str, caller: Caller, server: ChatServer | None = None) -> None:
        """Use the model with this name, such as gpt-5-mini, at `server` or at `OPENAI_BASE_URL`."""
        self._server = server or ChatServer("OpenAI", "openai", settings.OPENAI_BASE_URL, calls.IDLE_SECONDS, sees=True)
        self.sees = self._server.sees  # a server or model that cannot see after all refuses the request
        self.model = f"{self._server.engine}:{name}"
        self._name = name
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
        if not self.sees:
            reject_images(messages, self.model)
        call = VendorCall(self._server.provider, self.model, self._caller)
        prompt = [{"role": each.role, "content": _build_content(each)} for each in add_sources(messages, sources)]
        with closing(call.stream(lambda: self._request(prompt, tools, max_tokens, call.usage))) as chunks:
            yield from (chunk for chunk in chunks if chunk)

    def _request(
        self, prompt: list[Any], tools: Sequence[ChatTool], max_tokens: int, usage: Usage
    ) -> Chunks[str | ToolCall]:
        """Yield the text of each chunk, which may be empty, then the calls of tools."""
        has_text, reason = False, ""
        parts = _CallParts()
        with open_client(self._caller.key, self._server.base_url, self._server.idle_seconds) as client:
            options: Any = {
                "model": self._name,
                "messages": prompt,
                "stream_options": {"include_usage": True},
                self._limit_name(): max_tokens,
            }
            if tools:
                options["tools"] = [{"type": "function", "function": describe_tool(tool)} for tool in tools]
            completions = client.chat.completions.with_streaming_response
            with (
                completions.create(stream=True, **options) as response,
                interruptible(_find_socket(response.http_response)),
            ):
                for event in _read_events(response.iter_lines()):
                    if event.get("usage"):
                        usage.input_tokens = event["usage"]["prompt_tokens"]
                        usage.output_tokens = event["usage"]["completion_tokens"]
                    for choice in (event.get("choices") or ())[:1]:
                        reason = choice.get("finish_reason") or reason
                        text = choice["delta"].get("content") or ""
                        has_text = has_text or bool(text)
                        parts.add(choice["delta"].get("tool_calls") or ())
                        yield text
        if not reason:
            raise CallFailure(FailureCode.BROKEN if has_text else FailureCode.MALFORMED)
        yield from (calls_found := parts.list_calls())
        if not (has_text or calls_found):
            raise CallFailure(FailureCode.BLOCKED if reason == "content_filter" else FailureCode.EMPTY)

    def _limit_name(self) -> str:
        """Return the parameter that limits the answer. OpenAI replaced the one that compatible servers know."""
        host = urlsplit(self._server.base_url).hostname
        return "max_completion_tokens" if host == OPENAI_HOST else "max_tokens"


def _find_socket(response: Any) -> Any:
    stream = response.extensions.get("network_stream")
    return stream.get_extra_info("socket") if stream else None


class _CallParts:
    """The calls of tools of an answer, which arrive in parts."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._arguments: dict[int, str] = {}

    def add(self, parts: Iterable[dict[str, Any]]) -> None:
        for part in parts:
            place, function = part.get("index", 0), part.get("function") or {}
            self._names[place] = self._names.get(place, "") + (function.get("name") or "")
            self._arguments[place] = self._arguments.get(place, "") + (function.get("arguments") or "")

    def list_calls(self) -> list[ToolCall]:
        """Return the calls. A call whose arguments are no JSON object has an empty request."""
        return [ToolCall(name, _read_request(self._arguments[place])) for place, name in self._names.items() if name]


def _read_request(arguments: str) -> str:
    try:
        values = json.loads(arguments or "{}")
    except ValueError:
        return ""
    return str(values.get("request") or "") if isinstance(values, dict) else ""


def _read_events(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """Yield the events of a stream. The client's own models of them take eight times as long, for every chunk.

    Raises `CallFailure` for an event that is an error, and ValueError for one that is no JSON.
    """
    for line in lines:
        data = line.removeprefix("data:").strip() if line.startswith("data:") else ""
        if data == "[DONE]":
            return
        if data:
            event = json.loads(data)
            if event.get("error"):
                raise CallFailure(FailureCode.UNAVAILABLE)
            yield event


def _build_content(message: ChatMessage) -> str | list[dict[str, Any]]:
    """Return the text of a message, followed by its images as data URLs, each after its caption."""
    if not message.images:
        return message.content
    parts: list[dict[str, Any]] = [{"type": "text", "text": message.content}]
    for image in message.images:
        url = f"data:image/jpeg;base64,{base64.b64encode(image.jpeg).decode()}"
        parts += [{"type": "text", "text": image.caption}, {"type": "image_url", "image_url": {"url": url}}]
    return parts
