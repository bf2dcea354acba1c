"""Define the interfaces of providers and the types of their results."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

CLIPS_FILE = "clips.npz"  # the file that `Clips.save` writes


@dataclass(frozen=True, slots=True)
class Clips:
    """The embedding vectors of a video's clips, in order, and of the whole video, by one model.

    `starts` and `ends` are seconds, (clips,) float64, half-open. `vectors` is (clips, dimensions) float32, `whole` is
    (dimensions,) float32. Vectors of different models cannot be compared.
    """

    model: str
    starts: NDArray[np.float64]
    ends: NDArray[np.float64]
    vectors: NDArray[np.float32]
    whole: NDArray[np.float32]

    def save(self, path: Path) -> None:
        """Write the vectors to `path` as a `.npz` file."""
        np.savez(path, **asdict(self))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the vectors from `path`. Raises ValueError if the file does not hold the vectors of one video."""
        with np.load(path, allow_pickle=False) as held:
            made = cls(
                str(held["model"]),
                _checked(held["starts"], np.float64, 1),
                _checked(held["ends"], np.float64, 1),
                _checked(held["vectors"], np.float32, 2),
                _checked(held["whole"], np.float32, 1),
            )
        lengths = {len(made.starts), len(made.ends), len(made.vectors)}
        if len(lengths) > 1 or made.vectors.shape[1] != len(made.whole) or (made.starts >= made.ends).any():
            raise ValueError("the arrays do not match")
        return made


def _checked(values: NDArray[Any], kind: type, axes: int) -> NDArray[Any]:
    if values.dtype != kind or values.ndim != axes or not np.isfinite(values).all():
        raise ValueError("an array has the wrong type or shape, or is not finite")
    return values


class ClipEmbedder(Protocol):
    """Compute one vector for each clip of a fixed length while a video is decoded."""

    model: str
    dimensions: int
    clip_seconds: float

    def add(
        self,
        seconds: NDArray[np.float64],
        luma: NDArray[np.uint8],
        chroma: NDArray[np.uint8],
        detail: NDArray[np.uint8],
    ) -> None:
        """Add one or more frames in the format of a fingerprint.

        `seconds` is (frames,) and increases; `luma` is (frames, 36, 64), `chroma` (frames, 2, 9, 16) and `detail`
        (frames, 18, 32).
        """

    def clips(self, duration: float) -> Clips:
        """Return the vectors after the last frame was added. `duration` is the video's, in seconds."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file at a provider. `upload_id` identifies its upload."""

    asset_id: str
    upload_id: str
    chunk_size: int
    addresses: dict[int, str]  # by the number of the chunk, from 1
    headers: dict[str, str]


class HostedClipEmbedder(Protocol):
    """Have a provider compute the vectors of a video's clips, in a task that takes minutes, and those of texts.

    All methods may raise `ProviderError`, and `ProviderRejected` if the provider cannot process the video.
    """

    model: str
    dimensions: int

    def create_asset(self, filename: str, size: int) -> Asset:
        """Announce a file of `size` bytes. Its ID is known before the first byte is sent."""

    def send_asset(self, asset: Asset, path: Path, tick: Callable[[], None]) -> None:
        """Send the bytes of the file. `tick` is called often; an error that it raises ends the transfer."""

    def is_asset_ready(self, asset_id: str) -> bool:
        """Return whether the provider has checked the file, so that a task can use it."""

    def delete_asset(self, asset_id: str) -> None:
        """Delete a file. It is not an error if it does not exist."""

    def create_task(self, *, asset_id: str = "", url: str = "", seconds: float | None = None) -> str:
        """Start the computation for an asset or for the file at a public URL. Return the ID of the task."""

    def fetch_clips(self, task_id: str) -> Clips | None:
        """Return the vectors, of length 1. None if the task is not finished."""

    def embed_text(self, text: str) -> NDArray[np.float32]:
        """Return the vector of a text, (dimensions,) with length 1, which can be compared with those of clips."""


class TextEmbedder(Protocol):
    """Compute vectors of texts. Vectors of different models cannot be compared."""

    model: str
    dimensions: int

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector of length 1 for each text, (texts, dimensions). May raise `ProviderError`."""


@dataclass(frozen=True, slots=True)
class Word:
    """A spoken word. Times are in seconds, half-open."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class SpokenSegment:
    """A spoken sentence or part of one. Times are in seconds, half-open. `words` is empty if times are unknown."""

    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class SpeechResult:
    """Recognised speech. `language` is ISO 639-1. `segments` is computed while it is read, in order of time."""

    language: str
    segments: Iterator[SpokenSegment]


class Transcriber(Protocol):
    """Recognise speech."""

    model: str

    def transcribe(self, audio: Path, language: str = "") -> SpeechResult:
        """Recognise the speech in `audio`, mono 16-bit PCM samples at 16 kHz without a header.

        `language` is ISO 639-1, or empty to detect it. May raise `ProviderError`, also while the segments are read.
        """


@dataclass(frozen=True, slots=True)
class ChatImage:
    """A JPEG of a frame of a video, and the second at which it is shown."""

    jpeg: bytes
    second: float

    @property
    def caption(self) -> str:
        """The text that tells a model which frame follows."""
        return f"Frame at {self.second:.2f} s:"


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """A message to or from a chat model. `role` is system, user or assistant; only a user sends images."""

    role: str
    content: str
    images: tuple[ChatImage, ...] = ()

    def __post_init__(self) -> None:
        if self.images and self.role != "user":
            raise ValueError("Only messages of the user have images.")


@dataclass(frozen=True, slots=True)
class ChatSource:
    """A passage that an answer may cite. `label` is the citation, such as "[1:05]"."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class ChatTool:
    """A function that a model may call with a text."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The wish of a model to call a tool. `name` may be unknown."""

    name: str
    request: str


class ChatModel(Protocol):
    """Answer a conversation. Messages may have images if the model `sees`; otherwise it raises `ProviderRejected`."""

    model: str
    sees: bool

    def stream(
        self, messages: Sequence[ChatMessage], sources: Sequence[ChatSource] = (), max_tokens: int = 1024
    ) -> Iterator[str]:
        """Yield the answer piece by piece. `sources` are added to the prompt, marked as untrusted text.

        Closing the iterator ends the call at the provider. May raise `ProviderError`.
        """


@runtime_checkable
class ToolModel(Protocol):
    """A chat model that can call tools."""

    def stream_with_tools(
        self,
        messages: Sequence[ChatMessage],
        sources: Sequence[ChatSource],
        tools: Sequence[ChatTool],
        max_tokens: int = 1024,
    ) -> Iterator[str | ToolCall]:
        """Yield the answer piece by piece, and the calls of tools at its end. May raise `ProviderError`."""
