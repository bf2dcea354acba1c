"""Files on S3, or whatever speaks its protocol. Their bytes go straight between it and the browser."""

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
    FileLost,
    Part,
    PartMismatch,
    Readable,
    StorageAway,
    Stored,
    Tick,
    no_tick,
)

if TYPE_CHECKING:
    from _typeshed import SupportsRead

TICK_SECONDS = 0.05
LIVES_SECONDS = int(ADDRESS_LIVES.total_seconds())
GONE = {"404", "NoSuchKey", "NotFound"}
FREED = {"NoSuchUpload", "404"}
MISMATCHED = {"InvalidPart", "InvalidPartOrder", "EntityTooSmall", "InvalidArgument"}
DELETE_AT_ONCE = 1000
LEAST_LEFT_BYTES = 300 * 1024**2  # what a copy must leave free on the disk that it is made on
IN_PARTS = TransferConfig(multipart_threshold=64 * CHUNK, multipart_chunksize=16 * CHUNK, max_concurrency=4)
CONFIG = Config(
    signature_version="s3v4",
    connect_timeout=5,
    read_timeout=30,
    retries={"mode": "standard", "total_max_attempts": 4},
    request_checksum_calculation="when_required",  # a checksum in a signed address is one that no browser sends
    response_checksum_validation="when_required",
)


class S3Storage:
    """One bucket. Credentials come as boto3 finds them: a profile, the environment, the machine's role."""

    def __init__(self, bucket: str, region: str = "", profile: str = "", endpoint: str = "") -> None:
        self.bucket = bucket
        config = CONFIG.merge(Config(s3={"addressing_style": "path" if endpoint else "virtual"}))
        session = boto3.Session(profile_name=profile or None, region_name=region or None)
        self.client = session.client("s3", endpoint_url=endpoint or None, config=config)

    @property
    def origin(self) -> str:
        """Where browsers meet the bucket: scheme and host."""
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
        more = _described(content_type, labels)
        with _plainly(key):
            self._transfer(lambda manager: manager.upload(str(source), self.bucket, key, extra_args=more), tick)

    def put_stream(
        self,
        key: str,
        stream: "SupportsRead[bytes]",
        content_type: str = "",
        labels: Mapping[str, str] = NO_LABELS,
    ) -> None:
        with _plainly(key):
            self.client.upload_fileobj(
                stream, self.bucket, key, ExtraArgs=_described(content_type, labels), Config=IN_PARTS
            )

    def stat(self, key: str) -> Stored:
        try:
            with _plainly(key):
                found = self.client.head_object(Bucket=self.bucket, Key=key)
        except FileNotFoundError:
            self._check_bucket()  # an answer to HEAD has no words: the file is missing, or all of them are
            raise
        return Stored(found["ContentLength"], found["LastModified"].timestamp())

    def read(self, key: str) -> bytes:
        with _plainly(key):
            whole: bytes = self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return whole

    def open(self, key: str, start: int = 0) -> Readable:
        with _plainly(key):
            wanted = {"Range": f"bytes={start}-"} if start else {}
            body: Readable = self.client.get_object(Bucket=self.bucket, Key=key, **wanted)["Body"]
        return body

    def keys(self, below: str) -> Iterator[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=f"{below}/")
        with _plainly(below):
            for page in pages:
                for found in page.get("Contents", []):
                    yield found["Key"]

    def delete(self, key: str) -> None:
        doomed = [key, *self.keys(key)]
        for first in range(0, len(doomed), DELETE_AT_ONCE):
            some = [{"Key": one} for one in doomed[first : first + DELETE_AT_ONCE]]
            with _plainly(key):
                answer = self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": some, "Quiet": True})
            if errors := answer.get("Errors"):
                raise StorageAway(f"{len(errors)} of {len(some)} files could not be removed: {errors[0]['Code']}")

    @contextmanager
    def local_copy(self, key: str, folder: Path, tick: Tick = no_tick) -> Iterator[Path]:
        folder.mkdir(parents=True, exist_ok=True)
        copy = folder / f"{uuid.uuid4().hex}{Path(key).suffix}"
        try:
            size = self.stat(key).size
            if shutil.disk_usage(folder).free < size + LEAST_LEFT_BYTES:
                raise StorageAway("There is no room on the disk of this worker to work on this file.")
            with _plainly(key):
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
        return self._signed("get_object", Key=key, **wanted)

    def check(self) -> None:
        probe = f"checks/{os.getpid()}-{uuid.uuid4().hex}"
        with _plainly(probe):
            self.client.put_object(Bucket=self.bucket, Key=probe, Body=b"well")
            self.client.delete_object(Bucket=self.bucket, Key=probe)

    def free_bytes(self) -> None:
        return None

    # --- Files in parts ---

    def begin_parts(self, key: str, content_type: str = "", labels: Mapping[str, str] = NO_LABELS) -> str:
        with _plainly(key):
            begun = self.client.create_multipart_upload(Bucket=self.bucket, Key=key, **_described(content_type, labels))
        return str(begun["UploadId"])

    def part_address(self, key: str, parts_id: str, number: int, size: int) -> str:
        return self._signed("upload_part", Key=key, UploadId=parts_id, PartNumber=number, ContentLength=size)

    def list_parts(self, key: str, parts_id: str) -> list[Part]:
        pages = self.client.get_paginator("list_parts").paginate(Bucket=self.bucket, Key=key, UploadId=parts_id)
        latest: dict[int, dict[str, Any]] = {}  # some servers list what a part sent again has replaced
        try:
            for part in (part for page in pages for part in page.get("Parts", [])):
                known = latest.get(part["PartNumber"])
                if known is None or known["LastModified"] <= part["LastModified"]:
                    latest[part["PartNumber"]] = part
        except ClientError as error:
            if _code(error) in FREED:
                return []
            raise _away(error) from error
        except BotoCoreError as error:
            raise _away(error) from error
        return [Part(number, latest[number]["Size"], latest[number]["ETag"].strip('"')) for number in sorted(latest)]

    def complete_parts(self, key: str, parts_id: str, etags: dict[int, str]) -> None:
        named = [{"PartNumber": number, "ETag": f'"{etags[number]}"'} for number in sorted(etags)]
        try:
            self.client.complete_multipart_upload(
                Bucket=self.bucket, Key=key, UploadId=parts_id, MultipartUpload={"Parts": named}
            )
        except ClientError as error:
            if _code(error) in FREED:
                self.stat(key)  # done before, or freed
            elif _code(error) in MISMATCHED:
                raise PartMismatch(
                    "The parts that were named are not those that arrived. List them, send what differs."
                ) from error
            else:
                raise _away(error) from error
        except BotoCoreError as error:
            raise _away(error) from error

    def abort_parts(self, key: str, parts_id: str) -> None:
        with suppress(FileNotFoundError), _plainly(key):
            self.client.abort_multipart_upload(Bucket=self.bucket, Key=key, UploadId=parts_id)

    def begun_parts(self, before: float) -> Iterator[tuple[str, str]]:
        pages = self.client.get_paginator("list_multipart_uploads").paginate(Bucket=self.bucket, Prefix="videos/")
        with _plainly("videos/"):
            for page in pages:
                for found in page.get("Uploads", []):
                    if found["Initiated"].timestamp() < before:
                        yield found["Key"], found["UploadId"]

    def _check_bucket(self) -> None:
        try:
            self.client.head_bucket(Bucket=self.bucket)
        except ClientError as error:
            if _code(error) == "404":
                raise StorageAway(f"The bucket {self.bucket} of this site is missing. Ask its operator.") from error

    def _transfer(self, begin: Callable[[Any], Any], tick: Tick) -> None:
        """Wait for a transfer, which goes on in threads of its own; what `tick` raises cancels it."""
        with create_transfer_manager(self.client, IN_PARTS) as manager:
            transfer, wait = begin(manager), 0.002
            while not transfer.done():
                tick()
                time.sleep(wait)
                wait = min(wait * 1.5, TICK_SECONDS)  # most files are small
            transfer.result()

    def _signed(self, call: str, **arguments: Any) -> str:
        return str(
            self.client.generate_presigned_url(
                call, Params={"Bucket": self.bucket, **arguments}, ExpiresIn=LIVES_SECONDS
            )
        )


def _described(content_type: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """Metadata travels in headers, so what is not plain ASCII is quoted as in an address."""
    described: dict[str, Any] = {"Metadata": {name: quote(label, safe=" :+-._,()") for name, label in labels.items()}}
    if content_type:
        described["ContentType"] = content_type
    return described


@contextmanager
def _plainly(key: str) -> Iterator[None]:
    """What goes wrong at S3, in Sage's words."""
    try:
        yield
    except ClientError as error:
        if _code(error) in GONE | FREED:
            raise FileNotFoundError(key) from error
        raise _away(error) from error
    except (BotoCoreError, boto3.exceptions.Boto3Error, RetriesExceededError, S3DownloadFailedError) as error:
        raise _away(error) from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _away(error: Exception) -> StorageAway:
    """Codes and kinds of errors hold no secret; whole messages may hold addresses, signed ones among them."""
    said = _code(error) if isinstance(error, ClientError) else type(error).__name__
    return StorageAway(f"The file storage of this site does not answer as it should ({said}). Try again in a moment.")
