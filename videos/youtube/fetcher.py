"""Fetch from YouTube in a child process: `python -m videos.youtube.fetcher KIND ID`.

The process ends with its memory, after at most `MAX_SECONDS`, and sees none of the site's secrets: workers keep neither
yt-dlp nor its hanging requests. This module imports no Django code, so that an outside worker can use it as well.
"""

import base64
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from videos.youtube.errors import YouTubeRefused, YouTubeUnreachable
from videos.youtube.sentences import UNEXPECTED, UNREACHABLE

ROOT = Path(__file__).resolve().parents[2]
MAX_SECONDS = 90.0
POLL_SECONDS = 0.2
MAX_MEMORY_BYTES = 2 * 1024**3
MAX_OUTPUT_BYTES = 32 * 1024**2
KINDS = ("metadata", "captions", "thumbnail")
# What a child process inherits: where Python and the network are, and nothing of the site.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV", "SSL_CERT_FILE", "SSL_CERT_DIR")
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def fetch(kind: str, youtube_id: str, gateway: str = "", tick: Callable[[], None] = lambda: None) -> Any:
    """Return what `KINDS` names. `tick` is called often and may raise.

    Raises `YouTubeRefused` or `YouTubeUnreachable`.
    """
    command = [sys.executable, "-m", "videos.youtube.fetcher", kind, youtube_id, gateway]
    environment = {name: value for name, value in os.environ.items() if name in INHERITED or name.lower() in PROXIES}
    deadline = time.monotonic() + MAX_SECONDS
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            while True:
                try:
                    output, _ = process.communicate(timeout=POLL_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    tick()
                    if time.monotonic() > deadline:
                        raise YouTubeUnreachable(UNREACHABLE) from None
        finally:
            if process.poll() is None:
                process.kill()
    return _read_output(output)


def _read_output(output: bytes) -> Any:
    try:
        answer = json.loads(output)
    except ValueError:  # the process was killed, for example because of its memory
        raise YouTubeUnreachable(UNEXPECTED) from None
    if "refused" in answer:
        raise YouTubeRefused(answer["refused"])
    if "unreachable" in answer:
        raise YouTubeUnreachable(answer["unreachable"])
    return answer["result"]


def main(kind: str, youtube_id: str, gateway: str = "") -> None:
    """Fetch and write the result, or the error, to standard output as JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer = {"result": _fetch_here(kind, youtube_id, gateway)}
    except YouTubeRefused as error:
        answer = {"refused": str(error)}
    except YouTubeUnreachable as error:
        answer = {"unreachable": str(error)}
    text = json.dumps(answer)
    sys.stdout.write(text if len(text) <= MAX_OUTPUT_BYTES else json.dumps({"unreachable": UNEXPECTED}))


def _fetch_here(kind: str, youtube_id: str, gateway: str) -> Any:
    """Fetch in this process. Each kind imports only its own library, because they load slowly."""
    if kind == "metadata":
        from videos.youtube.metadata import read_metadata

        return read_metadata(youtube_id, gateway)
    if kind == "captions":
        from videos.youtube.captions import fetch_captions

        return fetch_captions(youtube_id, gateway)
    from videos.youtube.thumbnails import fetch_thumbnail

    return base64.b64encode(fetch_thumbnail(youtube_id, gateway)).decode()


if __name__ == "__main__":
    main(*sys.argv[1:])
