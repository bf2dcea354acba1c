"""Fingerprints of rendered files, made once for each file and each state of the code that makes them."""

import hashlib
import tempfile
from functools import cache
from pathlib import Path

from tests import footage
from videos.diff import fingerprint as record
from videos.diff import ingest as decode_pass
from videos.media import frames


@cache
def _made_by() -> str:
    code = b"".join(Path(str(module.__file__)).read_bytes() for module in (record, decode_pass, frames))
    return hashlib.sha256(code).hexdigest()[:16]


def fingerprint(path: Path) -> str:
    """The fingerprint of a file in the cache, whose name says what it shows."""

    def make(target: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="sage-benchmark-") as folder:
            decode_pass.ingest(str(path), folder, lambda share: None)
            target.write_bytes((Path(folder) / "fingerprint.bin").read_bytes())

    return str(footage.cached(f"fingerprint:{path.name}:{_made_by()}", make, ".bin"))
