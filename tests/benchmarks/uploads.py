"""Measure uploads of a large film to disk and to S3 against `curl`, and the memory of the web process."""

import http.client
import mmap
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from tests.faults.client import ApiClient
from tests.faults.site import FaultSite
from tests.s3 import BUCKET, KEY, SECRET, S3Server

MB = 1024 * 1024
CONCURRENT_PARTS = 4  # as many as a browser sends


def report(megabytes: int = 2048) -> None:
    """Print the speed of an upload with Sage's protocol and with `curl`, and the memory of the web process.

    On S3, `curl` sends the whole film to one signed address. On disk, it sends the parts to the same signed addresses
    as Sage's client, known before the clock starts. A copy with `curl file://` shows the speed of the disk.
    """
    print(f"## Upload of a film of {megabytes} MB (load at start {os.getloadavg()[0]:.1f})\n")
    print("| storage | Sage, MB/s | curl, MB/s | ratio | curl file://, MB/s | web memory before, MB | peak, MB |")
    print("|---|---|---|---|---|---|---|")
    folder = Path(tempfile.mkdtemp(prefix="sage-uploads-"))
    try:
        film = folder / "film.mp4"
        with film.open("wb") as out:
            block = secrets.token_bytes(16 * MB)
            for number in range(megabytes // 16):
                out.write(number.to_bytes(8, "big") + block[8:])
        for store in ("disk", "S3"):
            print(f"| {store} | {_row(store, folder, film)} |", flush=True)
    finally:
        shutil.rmtree(folder)
    print()


def _row(store: str, folder: Path, film: Path) -> str:
    with ExitStack() as stack:
        environment = {}
        if store == "S3":
            s3 = S3Server()
            stack.callback(s3.stop)
            environment = {
                "S3_BUCKET_NAME": BUCKET,
                "S3_REGION": "us-east-1",
                "S3_ENDPOINT_URL": s3.endpoint,
                "AWS_ACCESS_KEY_ID": KEY,
                "AWS_SECRET_ACCESS_KEY": SECRET,
            }
        site = FaultSite(folder / store, **environment)
        stack.callback(site.tear_down)
        site.build()
        site.kill("worker")  # the file is not a video, and only the upload is measured
        alice, megabytes = site.sign_in(), film.stat().st_size / MB
        before = site.peak_megabytes("web")
        by_sage = megabytes / _time_sage(alice, film)
        peak = site.peak_megabytes("web")
        if store == "S3":
            address = s3.client().generate_presigned_url("put_object", {"Bucket": BUCKET, "Key": "curl"}, 3600)
            by_curl, by_copying = megabytes / _time_curl(["--upload-file", str(film), address]), ""
        else:
            by_curl = megabytes / _time_curl(_parts_for_curl(alice, film))
            by_copying = f"{megabytes / _time_copy(film, site.var_dir / 'media' / 'curl'):.0f}"
        return f"{by_sage:.0f} | {by_curl:.0f} | {by_sage / by_curl:.2f} | {by_copying} | {before:.0f} | {peak:.0f}"


def _parts_for_curl(alice: ApiClient, film: Path) -> list[str]:
    """Return arguments that send all parts, with as many concurrent requests as Sage's client."""
    upload = alice.call("POST", "/v2/uploads", {"filename": "again.mp4", "size": film.stat().st_size}).body
    arguments = ["--parallel", "--parallel-max", str(CONCURRENT_PARTS)]
    with film.open("rb") as file:
        for number in range(1, upload["part_count"] + 1):
            part = film.with_name(f"part-{number}")
            part.write_bytes(file.read(upload["part_size"]))
            address = alice.get(f"/v2/uploads/{upload['upload_id']}/parts/{number}/url")["url"]
            arguments += ["--upload-file", str(part), address]
    return arguments


def _time_sage(alice: ApiClient, film: Path) -> float:
    """Return the seconds from announcing the film to the created video."""
    os.sync()  # so that the measurement does not include earlier writes
    began = time.perf_counter()
    upload = alice.call("POST", "/v2/uploads", {"filename": film.name, "size": film.stat().st_size}).body
    here, size = f"/v2/uploads/{upload['upload_id']}", upload["part_size"]
    with film.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:

        def send(number: int) -> dict[str, object]:
            address = urlsplit(alice.get(f"{here}/parts/{number}/url")["url"])
            part = memoryview(data)[(number - 1) * size : number * size]
            connection = http.client.HTTPConnection(address.netloc, timeout=120)
            connection.request("PUT", f"{address.path}?{address.query}", part)
            part.release()
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()
            connection.close()
            return {"part_number": number, "etag": answer.headers["ETag"]}

        with ThreadPoolExecutor(CONCURRENT_PARTS) as pool:
            parts = list(pool.map(send, range(1, upload["part_count"] + 1)))
    done = alice.call("POST", f"{here}/complete", {"parts": parts}, timeout=300)
    assert done.status == 201, done
    return time.perf_counter() - began


def _time_curl(arguments: list[str]) -> float:
    """Return the seconds until the whole film is stored."""
    os.sync()
    began = time.perf_counter()
    subprocess.run(["curl", "--silent", "--show-error", "--no-progress-meter", "--fail", *arguments], check=True)
    return time.perf_counter() - began


def _time_copy(film: Path, target: Path) -> float:
    """Return the seconds until a copy has been written to the disk."""
    began = time.perf_counter()
    _time_curl(["--upload-file", str(film), f"file://{target}"])
    with target.open("rb") as stored:
        os.fsync(stored.fileno())
    return time.perf_counter() - began
