"""Store files on S3 or a compatible server. Browsers exchange the bytes with it directly, by signed URLs."""

import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import boto3
from boto3.s3.transfer import TransferConfig, create_transfer_manager
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.utils.http import content_disposition_header
from s3transfer.exceptions import RetriesExceededError, S3DownloadFailedError

from sage.storage.base import (
    ADDRESS_LIVES,
    CHUNK,
    NO_LABELS,
    PARTS_MISMATCH,
    FileLost,
    Part,
    PartMismatch,
    Readable,
    StorageUnavailable,
    Stored,
    Tick,
    no_tick,
)

if TYPE_CHECKING:
    from _typeshed import SupportsRead

TICK_SECONDS = 0.05  # the longest time between two calls of `tick`
LIVES_SECONDS = int(ADDRESS_LIVES.total_seconds())
GONE = {"404", "NoSuchKey", "NotFound"}  # error codes for an unknown file
FREED = {"NoSuchUpload", "404"}  # error codes for an unknown upload
MISMATCHED = {"InvalidPart", "InvalidPartOrder", "EntityTooSmall", "InvalidArgument"}
DELETE_AT_ONCE = 1000  # keys per request, the limit of S3
LEAST_LEFT_BYTES = 300 * 1024**2  # disk space that must stay free after a file was copied
IN_PARTS = TransferConfig(multipart_threshold=64 * CHUNK, multipart_chunksize=16 * CHUNK, max_concurrency=4)
CONFIG = Config(
    signature_version="s3v4",
    connect_timeout=5,
    read_timeout=30,
    retries={"mode": "standard", "total_max_attempts": 4},
    request_checksum_calculation="when_required",  # browsers do not send checksums with signed URLs
    response_checksum_validation="when_required",
)


class S3Storage:
    """Files in one bucket. boto3 finds the credentials in a profile, the environment or the machine's role."""

    def __init__(self, bucket: str, region: str = "", profile: str = "", endpoint: str = "") -> None:
        self.bucket = bucket
        config = CONFIG.merge(Config(s3={"addressing_style": "path" if endpoint else "virtual"}))
        session = boto3.Session(profile_name=profile or None, region_name=region or None)
        self.client = session.client("s3", endpoint_url=endpoint or None, config=config)

    @property
    def origin(self) -> str:
        """The scheme and host of the URLs that browsers use."""
        found = urlsplit(self.address("any", "", "any"))
        return f"{found.scheme}://{found.netloc}"

    # --- Whole files ---

    def put_file(
        self,
        key: str,
        source: Path,
        content_type: str = "",
        labels: Mapping[str, str] = NO_LABELS,
        tick: Tick = no_tick,
    ) -> None:
        more = _metadata(content_type, labels)
        with _convert_errors(key):
            self._transfer(lambda manager: manager.upload(str(source), self.bucket, key, extra_args=more), tick)

    def put_stream(
        self,
        key: str,
        stream: "SupportsRead[bytes]",
        content_type: str = "",
        labels: Mapping[str, str] = NO_LABELS,
    ) -> None:
        with _convert_errors(key):
            self.client.upload_fileobj(
                stream, self.bucket, key, ExtraArgs=_metadata(content_type, labels), Config=IN_PARTS
            )

    def stat(self, key: str) -> Stored:
        try:
            with _convert_errors(key):
                found = self.client.head_object(Bucket=self.bucket, Key=key)
        except FileNotFoundError:
            self._check_bucket()  # a 404 to HEAD does not tell whether the file or the bucket is missing
            raise
        return Stored(found["ContentLength"], found["LastModified"].timestamp())

    def read(self, key: str) -> bytes:
        with _convert_errors(key):
            whole: bytes = self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return whole

    def open(self, key: str, start: int = 0) -> Readable:
        with _convert_errors(key):
            wanted = {"Range": f"bytes={start}-"} if start else {}
            body: Readable = self.client.get_object(Bucket=self.bucket, Key=key, **wanted)["Body"]
        return body

    def keys(self, below: str) -> Iterator[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=f"{below}/")
        with _convert_errors(below):
            for page in pages:
                for found in page.get("Contents", []):
                    yield found["Key"]

    def delete(self, key: str) -> None:
        all_keys = [key, *self.keys(key)]
        for first in range(0, len(all_keys), DELETE_AT_ONCE):
            some = [{"Key": one} for one in all_keys[first : first + DELETE_AT_ONCE]]
            with _convert_errors(key):
                answer = self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": some, "Quiet": True})
            if errors := answer.get("Errors"):
                raise StorageUnavailable(
                    f"{len(errors)} of {len(some)} files could not be deleted: {errors[0]['Code']}"
                )

    @contextmanager
    def local_copy(self, key: str, folder: Path, tick: Tick = no_tick) -> Iterator[Path]:
        folder.mkdir(parents=True, exist_ok=True)
        copy = folder / f"{uuid.uuid4().hex}{Path(key).suffix}"
        try:
            size = self.stat(key).size
            if shutil.disk_usage(folder).free < size + LEAST_LEFT_BYTES:
                raise StorageUnavailable("The worker's disk has no space for a copy of this file. Try again later.")
            with _convert_errors(key):
                self._transfer(lambda manager: manager.download(self.bucket, key, str(copy)), tick)
            yield copy
        except FileNotFoundError as error:
            raise FileLost("The file of this video is missing from storage. Upload it again.") from error
        finally:
            copy.unlink(missing_ok=True)

    def address(self, key: str, content_type: str, filename: str) -> str:
        wanted = {"ResponseContentDisposition": content_disposition_header(False, filename) or "inline"}
        if content_type:
            wanted["ResponseContentType"] = content_type
        return self._sign_url("get_object", Key=key, **wanted)

    def check(self) -> None:
        probe = f"checks/{os.getpid()}-{uuid.uuid4().hex}"
        with _convert_errors(probe):
            self.client.put_object(Bucket=self.bucket, Key=probe, Body=b"test")
            self.client.delete_object(Bucket=self.bucket, Key=probe)

    def allocated_bytes(self, key: str, parts_id: str) -> int:
        return 0

    def free_bytes(self) -> None:
        return None

    # --- Multipart uploads ---

    def begin_parts(self, key: str, content_type: str = "", labels: Mapping[str, str] = NO_LABELS) -> str:
        with _convert_errors(key):
            begun = self.client.create_multipart_upload(Bucket=self.bucket, Key=key, **_metadata(content_type, labels))
        return str(begun["UploadId"])

    def part_address(self, key: str, parts_id: str, number: int, size: int) -> str:
        return self._sign_url("upload_part", Key=key, UploadId=parts_id, PartNumber=number, ContentLength=size)

    def list_parts(self, key: str, parts_id: str) -> list[Part]:
        pages = self.client.get_paginator("list_parts").paginate(Bucket=self.bucket, Key=key, UploadId=parts_id)
        latest: dict[int, dict[str, Any]] = {}  # some servers also list replaced parts
        try:
            for part in (part for page in pages for part in page.get("Parts", [])):
                known = latest.get(part["PartNumber"])
                if known is None or known["LastModified"] <= part["LastModified"]:
                    latest[part["PartNumber"]] = part
        except ClientError as error:
            if _code(error) in FREED:
                return []
            raise _unavailable(error) from error
        except BotoCoreError as error:
            raise _unavailable(error) from error
        return [Part(number, latest[number]["Size"], latest[number]["ETag"].strip('"')) for number in sorted(latest)]

    def complete_parts(self, key: str, parts_id: str, etags: dict[int, str]) -> None:
        named = [{"PartNumber": number, "ETag": f'"{etags[number]}"'} for number in sorted(etags)]
        try:
            self.client.complete_multipart_upload(
                Bucket=self.bucket, Key=key, UploadId=parts_id, MultipartUpload={"Parts": named}
            )
        except ClientError as error:
            if _code(error) in FREED:
                self.stat(key)  # raises FileNotFoundError unless the upload was completed before
            elif _code(error) in MISMATCHED:
                raise PartMismatch(PARTS_MISMATCH) from error
            else:
                raise _unavailable(error) from error
        except BotoCoreError as error:
            raise _unavailable(error) from error

    def abort_parts(self, key: str, parts_id: str) -> None:
        with suppress(FileNotFoundError), _convert_errors(key):
            self.client.abort_multipart_upload(Bucket=self.bucket, Key=key, UploadId=parts_id)

    def begun_parts(self, before: float) -> Iterator[tuple[str, str]]:
        pages = self.client.get_paginator("list_multipart_uploads").paginate(Bucket=self.bucket, Prefix="videos/")
        with _convert_errors("videos/"):
            for page in pages:
                for found in page.get("Uploads", []):
                    if found["Initiated"].timestamp() < before:
                        yield found["Key"], found["UploadId"]

    def _check_bucket(self) -> None:
        try:
            self.client.head_bucket(Bucket=self.bucket)
        except ClientError as error:
            if _code(error) == "404":
                raise StorageUnavailable(
                    f"The bucket {self.bucket} of this site is missing. Ask its operator."
                ) from error

    def _transfer(self, begin: Callable[[Any], Any], tick: Tick) -> None:
        """Wait for a transfer, which runs in its own threads. An error that `tick` raises cancels it."""
        with create_transfer_manager(self.client, IN_PARTS) as manager:
            transfer, wait = begin(manager), 0.002
            while not transfer.done():
                tick()
                time.sleep(wait)
                wait = min(wait * 1.5, TICK_SECONDS)  # most files are small
            transfer.result()

    def _sign_url(self, call: str, **arguments: Any) -> str:
        return str(
            self.client.generate_presigned_url(
                call, Params={"Bucket": self.bucket, **arguments}, ExpiresIn=LIVES_SECONDS
            )
        )


def _metadata(content_type: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return the content type and the labels as arguments of boto3.

    Labels are sent in headers, so characters outside ASCII are percent-encoded.
    """
    metadata: dict[str, Any] = {"Metadata": {name: quote(label, safe=" :+-._,()") for name, label in labels.items()}}
    if content_type:
        metadata["ContentType"] = content_type
    return metadata


@contextmanager
def _convert_errors(key: str) -> Iterator[None]:
    """Convert errors of boto3 to FileNotFoundError or `StorageUnavailable`."""
    try:
        yield
    except ClientError as error:
        if _code(error) in GONE | FREED:
            raise FileNotFoundError(key) from error
        raise _unavailable(error) from error
    except (BotoCoreError, boto3.exceptions.Boto3Error, RetriesExceededError, S3DownloadFailedError) as error:
        raise _unavailable(error) from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _unavailable(error: Exception) -> StorageUnavailable:
    """Return the error with its code or type only, because its message may contain a signed URL."""
    reason = _code(error) if isinstance(error, ClientError) else type(error).__name__
    return StorageUnavailable(f"The file storage of this site is not available ({reason}). Try again in a moment.")
