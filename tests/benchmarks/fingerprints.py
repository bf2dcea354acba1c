"""Cache fingerprints of rendered files by the file and by a digest of the code that produces them."""

import hashlib
import tempfile
from functools import cache
from pathlib import Path

from tests import footage
from videos.fingerprint import decode_pass as decode_pass
from videos.fingerprint import format as record
from videos.media import frames


@cache
def _code_digest() -> str:
    code = b"".join(Path(str(module.__file__)).read_bytes() for module in (record, decode_pass, frames))
    return hashlib.sha256(code).hexdigest()[:16]


def fingerprint(path: Path) -> str:
    """Return the fingerprint of a cached file, whose name identifies its content."""

    def make(target: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="sage-benchmark-") as folder:
            decode_pass.run_decode_pass(str(path), folder, lambda share: None)
            target.write_bytes((Path(folder) / "fingerprint.bin").read_bytes())

    return str(footage.cached(f"fingerprint:{path.name}:{_code_digest()}", make, ".bin"))
