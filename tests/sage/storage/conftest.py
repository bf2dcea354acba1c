import io
import urllib.error
import urllib.request

import pytest

from sage.storage import DiskStorage, Part
from sage.storage.s3 import S3Storage
from tests.s3 import BUCKET

PART_SIZE = 5 * 1024 * 1024  # the minimum part size of S3, except for the last part


@pytest.fixture
def bucket(s3_server):
    return S3Storage(BUCKET, "us-east-1", endpoint=s3_server.endpoint)


@pytest.fixture(params=["disk", "s3"])
def backend(request, tmp_path):
    """Return each storage backend in turn."""
    return DiskStorage(tmp_path / "files") if request.param == "disk" else request.getfixturevalue("bucket")


def request_url(
    address: str, method: str = "GET", data: bytes | None = None, **headers: str
) -> tuple[int, bytes, dict]:
    request = urllib.request.Request(address, data=data, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read(), dict(error.headers)


@pytest.fixture
def send(backend):
    """Return a function that sends a part as a client does: to a signed address, or through Sage."""

    def send_part(key, parts_id, number, data):
        if isinstance(backend, DiskStorage):
            return backend.write_part(parts_id, number, (number - 1) * PART_SIZE, len(data), io.BytesIO(data))
        status, _, headers = request_url(backend.part_address(key, parts_id, number, len(data)), "PUT", data)
        assert status == 200
        return Part(number, len(data), headers["ETag"].strip('"'))

    return send_part
