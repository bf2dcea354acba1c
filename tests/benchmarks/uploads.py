"""How fast a large film comes in, on disk and on S3, against `curl`; and the memory of the web meanwhile."""

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

from tests.s3 import BUCKET, KEY, SECRET, S3Server
from tests.torture.house import House
from tests.torture.visitor import Visitor

MB = 1024 * 1024
AT_ONCE = 4  # parts, as a browser sends them


def report(megabytes: int = 2048) -> None:
    """Each way once: in parts by Sage's protocol, and by `curl`.

    On S3 `curl` puts the whole film there by one signed address. On disk it sends the parts to Sage's own signed
    addresses, known before the clock starts; and, as what the disk itself can do, copies the film with no network.
    """
    print(f"## A film of {megabytes} MB on its way in (load {os.getloadavg()[0]:.1f} when begun)\n")
    print(
        "| store | Sage, MB/s | curl, MB/s | ratio | curl file://, MB/s | web's memory before, MB | at its peak, MB |"
    )
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
    with ExitStack() as held:
        environment = {}
        if store == "S3":
            s3 = S3Server()
            held.callback(s3.strike)
            environment = {
                "S3_BUCKET_NAME": BUCKET,
                "S3_REGION": "us-east-1",
                "S3_ENDPOINT_URL": s3.endpoint,
                "AWS_ACCESS_KEY_ID": KEY,
                "AWS_SECRET_ACCESS_KEY": SECRET,
            }
        house = House(folder / store, **environment)
        held.callback(house.pull_down)
        house.build()
        house.kill("worker")  # what is uploaded is no film; nothing else is to be measured
        alice, megabytes = house.visitor(), film.stat().st_size / MB
        before = house.peak_megabytes("web")
        by_sage = megabytes / _by_sage(alice, film)
        peak = house.peak_megabytes("web")
        if store == "S3":
            address = s3.client().generate_presigned_url("put_object", {"Bucket": BUCKET, "Key": "curl"}, 3600)
            by_curl, by_copying = megabytes / _by_curl(["--upload-file", str(film), address]), ""
        else:
            by_curl = megabytes / _by_curl(_parts_for_curl(alice, film))
            by_copying = f"{megabytes / _by_copying(film, house.var_dir / 'media' / 'curl'):.0f}"
        return f"{by_sage:.0f} | {by_curl:.0f} | {by_sage / by_curl:.2f} | {by_copying} | {before:.0f} | {peak:.0f}"


def _parts_for_curl(alice: Visitor, film: Path) -> list[str]:
    """Arguments that send every part, as many at once as Sage's own client does."""
    upload = alice.call("POST", "/v2/uploads", {"filename": "again.mp4", "size": film.stat().st_size}).body
    arguments = ["--parallel", "--parallel-max", str(AT_ONCE)]
    with film.open("rb") as file:
        for number in range(1, upload["part_count"] + 1):
            part = film.with_name(f"part-{number}")
            part.write_bytes(file.read(upload["part_size"]))
            address = alice.get(f"/v2/uploads/{upload['upload_id']}/parts/{number}/url")["url"]
            arguments += ["--upload-file", str(part), address]
    return arguments


def _by_sage(alice: Visitor, film: Path) -> float:
    """Seconds from announcing the film to the video."""
    os.sync()  # what was written before is not to be waited for here
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

        with ThreadPoolExecutor(AT_ONCE) as pool:
            parts = list(pool.map(send, range(1, upload["part_count"] + 1)))
    done = alice.call("POST", f"{here}/complete", {"parts": parts}, timeout=300)
    assert done.status == 201, done
    return time.perf_counter() - began


def _by_curl(arguments: list[str]) -> float:
    """Seconds until all of it is stored."""
    os.sync()
    began = time.perf_counter()
    subprocess.run(["curl", "--silent", "--show-error", "--no-progress-meter", "--fail", *arguments], check=True)
    return time.perf_counter() - began


def _by_copying(film: Path, target: Path) -> float:
    """Seconds until a copy has reached the disk, as a part of Sage's has."""
    began = time.perf_counter()
    _by_curl(["--upload-file", str(film), f"file://{target}"])
    with target.open("rb") as stored:
        os.fsync(stored.fileno())
    return time.perf_counter() - began
