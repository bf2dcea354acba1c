"""Compute vectors of clips and of texts with Marengo, the multimodal model of TwelveLabs.

A video is embedded by a task: it is created, asked for until it is ready, and read. A file that has no public URL is
uploaded before. Its upload takes several requests, so that it is known by an ID before the first byte is sent, and so
that files of up to 10 GB are accepted instead of 200 MB.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from twelvelabs.core import ApiError
from twelvelabs.types import (
    AsyncTemporalSegmentation,
    AsyncVideoInputRequest,
    CompletedChunk,
    EmbeddingData,
    MediaSource,
    MultiInputRequest,
    TemporalSegmentation_Fixed,
    TemporalSegmentationFixedFixed,
    TextInputRequest,
    VideoSegmentation_Fixed,
    VideoSegmentationFixedFixed,
)

from sage.providers.calls import Caller, CallFailure, FailureCode, VendorCall
from sage.providers.errors import ModelMissing
from sage.providers.protocols import Asset, Clips
from sage.providers.twelvelabs.client import open_client, open_http
from sage.providers.vectors import normalise

CLIP_SECONDS = 2
DIMENSIONS = 512
OPTION = "visual"  # the only kind of vectors that is asked for; the others describe sound and speech
ID_PATTERN = re.compile(r"[\w-]{1,64}", re.ASCII)
BLOCK_BYTES = 256 * 1024  # sent between two calls of `tick`
MAX_CHUNK_BYTES = 1024**3
TEXT_SECONDS = 5.0  # timeout of each wait for the vector of a text, for which a user waits
CREATE_TRIES = 1  # a creation whose response was lost is not repeated at once, because it may have succeeded
NO_REPEAT: Any = {"max_retries": 0}  # of the library, which waits by rules of its own


class MarengoEmbedder:
    """Compute vectors with Marengo 3.0 or 3.5."""

    dimensions = DIMENSIONS

    def __init__(self, name: str, caller: Caller) -> None:
        """Use the model with this name. Raises `ModelMissing` if it is neither marengo3.0 nor marengo3.5."""
        if name not in _SEGMENTATIONS:
            raise ModelMissing(f"TwelveLabs has no model {name} for clips. Use one of: {', '.join(_SEGMENTATIONS)}.")
        self.model = f"twelvelabs:{name}"
        self._name = name
        self._caller = caller

    def create_asset(self, filename: str, size: int) -> Asset:
        """Announce a file. Raises `ProviderError`."""

        def request() -> Asset:
            with open_client(self._caller.key) as client:
                created = client.multipart_upload.create(
                    filename=filename, type="video", total_size=size, request_options=NO_REPEAT
                )
                chunk_size = created.chunk_size or 0
                if not 0 < chunk_size <= MAX_CHUNK_BYTES:
                    raise ValueError("the size of a chunk is missing or too large")
                return Asset(
                    _check_id(created.asset_id),
                    _check_id(created.upload_id),
                    chunk_size,
                    _read_addresses(created.upload_urls),
                    dict(created.upload_headers or {}),
                )

        return self._call(CREATE_TRIES).run(request)

    def send_asset(self, asset: Asset, path: Path, tick: Callable[[], None]) -> None:
        """Send the file chunk by chunk. Raises `ProviderError`."""
        count = -(-path.stat().st_size // asset.chunk_size)
        addresses = dict(asset.addresses)
        with path.open("rb") as file:
            for number in range(1, count + 1):
                if number not in addresses:
                    addresses |= self._request_addresses(asset.upload_id, number, count)
                self._send_chunk(asset, file, number, addresses[number], tick)

    def _request_addresses(self, upload_id: str, first: int, last: int) -> dict[int, str]:
        def request() -> dict[int, str]:
            with open_client(self._caller.key) as client:
                response = client.multipart_upload.get_additional_presigned_urls(
                    upload_id, start=first, count=min(last - first + 1, 50), request_options=NO_REPEAT
                )
                addresses = _read_addresses(response.upload_urls)
                if first not in addresses:
                    raise ValueError("the address of a chunk is missing")
                return addresses

        return self._call(records_success=False).run(request)

    def _send_chunk(self, asset: Asset, file: BinaryIO, number: int, address: str, tick: Callable[[], None]) -> None:
        start = (number - 1) * asset.chunk_size
        size = min(asset.chunk_size, file.seek(0, 2) - start)

        def send() -> str:
            file.seek(start)
            headers = {**asset.headers, "Content-Type": "application/octet-stream", "Content-Length": str(size)}
            with open_http() as http:
                response = http.put(address, content=_read_blocks(file, size, tick), headers=headers)
                if not response.is_success:
                    # The address refuses, and not TwelveLabs: this says nothing about the key.
                    raise CallFailure(FailureCode.UNAVAILABLE)
                return str(response.headers["ETag"]).strip('"')

        def report() -> None:
            with open_client(self._caller.key) as client:
                chunk = CompletedChunk(chunk_index=number, proof=etag, proof_type="etag", chunk_size=size)
                client.multipart_upload.report_chunk_batch(
                    asset.upload_id, completed_chunks=[chunk], request_options=NO_REPEAT
                )

        etag = self._call(records_success=False).run(send)
        self._call(records_success=False).run(report)

    def is_asset_ready(self, asset_id: str) -> bool:
        """Return whether a task can use the file. Raises `ProviderError`."""

        def request() -> bool:
            with open_client(self._caller.key) as client, _missing_is_gone():
                status = client.assets.retrieve(asset_id, request_options=NO_REPEAT).status
            return _is_ready(status)

        return self._call(1, records_success=False).run(request)

    def delete_asset(self, asset_id: str) -> None:
        """Delete a file. Raises `ProviderError`."""

        def request() -> None:
            with open_client(self._caller.key) as client:
                try:
                    client.assets.delete(asset_id, force=True, request_options=NO_REPEAT)
                except ApiError as error:
                    if error.status_code != 404:
                        raise

        self._call(records_success=False).run(request)

    def create_task(self, *, asset_id: str = "", url: str = "", seconds: float | None = None) -> str:
        """Start the computation. Raises `ProviderError`."""
        call = self._call(CREATE_TRIES)
        call.usage.video_seconds = seconds
        video = AsyncVideoInputRequest(
            media_source=MediaSource(asset_id=asset_id) if asset_id else MediaSource(url=url),
            segmentation=_SEGMENTATIONS[self._name],
            embedding_option=[OPTION],
            embedding_scope=["clip", "asset"],
        )

        def request() -> str:
            with open_client(self._caller.key) as client, _bad_request_is_unsuitable():
                task = client.embed.v_2.tasks.create(
                    input_type="video", model_name=self._name, video=video, request_options=NO_REPEAT
                )
                return _check_id(task.id)

        return call.run(request)

    def fetch_clips(self, task_id: str) -> Clips | None:
        """Return the vectors of a finished task. Raises `ProviderError`."""

        def request() -> Clips | None:
            with open_client(self._caller.key) as client, _missing_is_gone():
                task = client.embed.v_2.tasks.retrieve(task_id, request_options=NO_REPEAT)
                return self._read_clips(task.data or []) if _is_ready(task.status) else None

        return self._call(1, records_success=False).run(request)

    def _read_clips(self, rows: Sequence[EmbeddingData]) -> Clips:
        """Return the vectors of a response. Raises ValueError if they are incomplete or not in order."""
        rows = [row for row in rows if row.embedding_option in (OPTION, None)]
        clips = sorted((row for row in rows if row.embedding_scope == "clip"), key=lambda row: row.start_sec or 0.0)
        starts = np.array([row.start_sec for row in clips], np.float64)
        ends = np.array([row.end_sec for row in clips], np.float64)
        vectors = _read_vectors([row.embedding for row in clips])
        if not np.isfinite(starts).all() or not np.isfinite(ends).all() or (starts < 0).any():
            raise ValueError("a time is missing")
        if (starts >= ends).any() or (np.diff(starts) <= 0).any():
            raise ValueError("the times are not in order")
        whole = [row.embedding for row in rows if row.embedding_scope == "asset"][:1]
        mean = _read_vectors(whole) if whole else normalise(vectors.mean(axis=0, keepdims=True))
        return Clips(self.model, starts, ends, vectors, mean[0])

    def embed_text(self, text: str) -> NDArray[np.float32]:
        """Return the vector of a text. Raises `ProviderError`."""
        request_fields: dict[str, Any] = (
            {"input_type": "text", "text": TextInputRequest(input_text=text)}
            if self._name == "marengo3.0"
            else {"input_type": "multi_input", "multi_input": MultiInputRequest(input_text=text)}
        )

        def request() -> NDArray[np.float32]:
            with open_client(self._caller.key, TEXT_SECONDS) as client:
                response = client.embed.v_2.create(model_name=self._name, request_options=NO_REPEAT, **request_fields)
                return _read_vectors([row.embedding for row in response.data[:1]])[0]

        return self._call(1).run(request)

    def _call(self, max_tries: int = 3, *, records_success: bool = True) -> VendorCall:
        return VendorCall("TwelveLabs", self.model, self._caller, max_tries, records_success=records_success)


_SEGMENTATIONS: dict[str, Any] = {  # fixed clips; the two models take them in different shapes
    "marengo3.0": VideoSegmentation_Fixed(fixed=VideoSegmentationFixedFixed(duration_sec=CLIP_SECONDS)),
    "marengo3.5": AsyncTemporalSegmentation(
        temporal=TemporalSegmentation_Fixed(fixed=TemporalSegmentationFixedFixed(duration_sec=CLIP_SECONDS))
    ),
}


@contextmanager
def _bad_request_is_unsuitable() -> Iterator[None]:
    try:
        yield
    except ApiError as error:
        if error.status_code in (400, 413, 422):
            raise CallFailure(FailureCode.UNSUITABLE) from None
        raise


@contextmanager
def _missing_is_gone() -> Iterator[None]:
    try:
        yield
    except ApiError as error:
        if error.status_code in (404, 410):
            raise CallFailure(FailureCode.GONE) from None
        raise


def _is_ready(status: str | None) -> bool:
    """Return whether a task or a file is ready. Raises `CallFailure` if it failed."""
    if status == "failed":
        raise CallFailure(FailureCode.TASK_FAILED)
    if not isinstance(status, str):
        raise ValueError("the status is missing")
    return status == "ready"


def _check_id(value: str | None) -> str:
    if value is None or not ID_PATTERN.fullmatch(value):
        raise ValueError("an ID is missing or malformed")
    return value


def _read_addresses(rows: Sequence[Any] | None) -> dict[int, str]:
    return {int(row.chunk_index): str(row.url) for row in rows or () if row.chunk_index and row.url}


def _read_blocks(file: BinaryIO, size: int, tick: Callable[[], None]) -> Iterator[bytes]:
    while size > 0 and (block := file.read(min(size, BLOCK_BYTES))):
        tick()
        size -= len(block)
        yield block


def _read_vectors(rows: list[list[float]]) -> NDArray[np.float32]:
    """Return vectors with length 1, (rows, dimensions). Raises ValueError if they are missing or malformed."""
    vectors = np.array(rows, np.float32)
    if vectors.ndim != 2 or vectors.shape[1] != DIMENSIONS or not np.isfinite(vectors).all():
        raise ValueError("the vectors are missing, have other dimensions, or are not finite")
    return normalise(vectors)
