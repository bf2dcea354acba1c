"""`manage.py storage check`: whether files can be kept, and what a bucket needs to be told."""

import json
import uuid
from argparse import ArgumentParser
from typing import Any

import urllib3
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sage.storage import Storage, StorageError, storage

PARTS = (b"p" * 5 * 1024 * 1024, b"the last part may be small")  # S3 takes no smaller part but the last
SECONDS = 30
NEEDED = {
    "": ["s3:ListBucket", "s3:ListBucketMultipartUploads"],
    "/*": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
}


class Command(BaseCommand):
    help = "Try the file storage; for a bucket, print the CORS rule and the least policy that it needs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["check"])

    def handle(self, *args: Any, **options: Any) -> None:
        bucket = settings.S3_BUCKET_NAME
        self.stdout.write(f"Files lie in the bucket {bucket}." if bucket else f"Files lie in {settings.MEDIA_ROOT}.")
        if bucket:
            self.stdout.write(f"\nIts CORS rule, so that pages may send parts to it:\n{_shown(cors_rule())}")
            self.stdout.write(f"\nThe least policy of whoever Sage is there:\n{_shown(policy(bucket))}")
            self.stdout.write(
                "\nLet its lifecycle abort unfinished uploads after 31 days, for those that Sage forgot.\n"
            )
        try:
            storage.check()
            self.stdout.write("Writing and deleting: well.")
            if bucket:
                _try_parts(storage)
                self.stdout.write("Parts by signed addresses, and reading a range by one: well.")
                self.stdout.write(_cors_verdict(storage))
        except (OSError, StorageError) as error:
            raise CommandError(f"The file storage does not work: {error}") from error


def cors_rule() -> list[dict[str, Any]]:
    return [
        {
            "AllowedOrigins": [origin(), *settings.CORS_ALLOWED_ORIGINS],
            "AllowedMethods": ["GET", "HEAD", "PUT"],
            "AllowedHeaders": ["*"],
            "ExposeHeaders": ["ETag", "Content-Range", "Content-Length"],
            "MaxAgeSeconds": 3600,
        }
    ]


def policy(bucket: str) -> dict[str, Any]:
    statements = [
        {"Effect": "Allow", "Action": actions, "Resource": f"arn:aws:s3:::{bucket}{below}"}
        for below, actions in NEEDED.items()
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def origin() -> str:
    """Where the pages of this site come from."""
    return settings.SITE_URL or f"http://{settings.HOST}:{settings.PORT}"


def _try_parts(place: Storage) -> None:
    """As a browser does it: two parts to signed addresses, joined, a range read back."""
    key = f"checks/{uuid.uuid4()}"
    parts_id = place.begin_parts(key, "application/octet-stream")
    try:
        etags = {
            number: _ask(place.part_address(key, parts_id, number, len(data)), "PUT", data).strip('"')
            for number, data in enumerate(PARTS, start=1)
        }
        place.complete_parts(key, parts_id, etags)
        _ask(place.address(key, "application/octet-stream", "check"), "GET")
    finally:
        place.abort_parts(key, parts_id)
        place.delete(key)


def _cors_verdict(place: Storage) -> str:
    """What the bucket says to a page of this site that asks whether it may send a part."""
    headers = {"Origin": origin(), "Access-Control-Request-Method": "PUT"}
    answer = _asked("OPTIONS", place.address("checks/any", "", "any"), headers=headers)
    allowed = answer.status < 300 and answer.headers.get("Access-Control-Allow-Origin") in {"*", origin()}
    if allowed:
        return f"Pages of {origin()} may send parts: well."
    return f"Pages of {origin()} may NOT send parts: set the CORS rule above on the bucket."


def _ask(address: str | None, method: str, data: bytes | None = None) -> str:
    """The ETag of the answer. Raises OSError with the status, never with the signed address."""
    answer = _asked(method, address, body=data)
    if answer.status >= 300:
        raise OSError(f"a signed address answered {answer.status} to {method}")
    return str(answer.headers.get("ETag", ""))


def _asked(method: str, address: str | None, **more: Any) -> urllib3.BaseHTTPResponse:
    try:
        return urllib3.request(method, str(address), timeout=SECONDS, retries=False, **more)
    except urllib3.exceptions.HTTPError as error:
        raise OSError(f"a signed address does not answer: {type(error).__name__}") from None


def _shown(thing: Any) -> str:
    return json.dumps(thing, indent=2)
