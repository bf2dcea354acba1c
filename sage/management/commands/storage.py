"""`manage.py storage check`: test the file storage and print the settings that a bucket needs."""

import json
import uuid
from argparse import ArgumentParser
from typing import Any

import urllib3
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sage.storage import Storage, StorageError, storage

PARTS = (b"p" * 5 * 1024 * 1024, b"the last part may be small")  # the minimum of S3 is 5 MiB, except for the last part
TIMEOUT_SECONDS = 30
NEEDED = {
    "": ["s3:ListBucket", "s3:ListBucketMultipartUploads"],
    "/*": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
}


class Command(BaseCommand):
    help = "Tests the file storage. For a bucket, prints the CORS rule and the access policy that it needs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["check"])

    def handle(self, *args: Any, **options: Any) -> None:
        bucket = settings.S3_BUCKET_NAME
        location = f"the bucket {bucket}" if bucket else settings.MEDIA_ROOT
        self.stdout.write(f"Files are stored in {location}.")
        if bucket:
            self.stdout.write(f"\nThe CORS rule that lets browsers upload parts:\n{_to_json(cors_rule())}")
            self.stdout.write(f"\nThe access policy that Sage's credentials need:\n{_to_json(policy(bucket))}")
            self.stdout.write("\nAdd a lifecycle rule that aborts incomplete multipart uploads after 31 days.\n")
        try:
            storage.check()
            self.stdout.write("Writing and deleting a file: OK.")
            if bucket:
                _test_parts(storage)
                self.stdout.write("Uploading parts and reading a file by signed URLs: OK.")
                self.stdout.write(_check_cors(storage))
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
    """Return the origin of this site's pages."""
    return settings.SITE_URL or f"http://{settings.HOST}:{settings.PORT}"


def _test_parts(storage: Storage) -> None:
    """Upload two parts to signed URLs, join them, and read the file by a signed URL, as a browser does."""
    key = f"checks/{uuid.uuid4()}"
    parts_id = storage.begin_parts(key, "application/octet-stream")
    try:
        etags = {
            number: _request_etag("PUT", storage.part_address(key, parts_id, number, len(data)), data)
            for number, data in enumerate(PARTS, start=1)
        }
        storage.complete_parts(key, parts_id, etags)
        _request_etag("GET", storage.address(key, "application/octet-stream", "check"))
    finally:
        storage.abort_parts(key, parts_id)
        storage.delete(key)


def _check_cors(storage: Storage) -> str:
    """Send a preflight request and return whether the bucket accepts uploads from this site's pages."""
    headers = {"Origin": origin(), "Access-Control-Request-Method": "PUT"}
    response = _request("OPTIONS", storage.address("checks/any", "", "any"), headers=headers)
    allowed = response.status < 300 and response.headers.get("Access-Control-Allow-Origin") in {"*", origin()}
    if allowed:
        return f"Uploads from pages of {origin()}: OK."
    return f"Uploads from pages of {origin()}: not allowed. Add the CORS rule above to the bucket."


def _request_etag(method: str, url: str | None, data: bytes | None = None) -> str:
    """Send a request and return the ETag. Raises OSError with the status, but never with the signed URL."""
    response = _request(method, url, body=data)
    if response.status >= 300:
        raise OSError(f"{method} to a signed URL returned HTTP status {response.status}")
    return str(response.headers.get("ETag", "")).strip('"')


def _request(method: str, url: str | None, **options: Any) -> urllib3.BaseHTTPResponse:
    try:
        return urllib3.request(method, str(url), timeout=TIMEOUT_SECONDS, retries=False, **options)
    except urllib3.exceptions.HTTPError as error:
        raise OSError(f"{method} to a signed URL failed: {type(error).__name__}") from None


def _to_json(value: Any) -> str:
    return json.dumps(value, indent=2)
