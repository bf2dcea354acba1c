"""Build the archive of the browser extension. It works with one site, whose address is filled in."""

import base64
import hashlib
import io
import json
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from sage import __version__

SOURCES = Path(settings.BASE_DIR) / "static" / "extension"
FILENAME = "sage-extension.zip"
FOLDER = "sage-extension"  # the folder inside the archive, which the user loads
PLACEHOLDER = '"http://127.0.0.1:8000"'  # the address in `config.js`
EARLIEST = (1980, 1, 1, 0, 0, 0)  # a fixed time, so that the same sources give the same archive


def read_manifest() -> dict[str, Any]:
    """Return the manifest of the sources, without the address of a site."""
    manifest: dict[str, Any] = json.loads((SOURCES / "manifest.json").read_text())
    return manifest


@cache
def find_extension_id() -> str:
    """Return the ID that browsers derive from the key of the manifest.

    It is the first half of the SHA-256 of the key, with the letters a to p as digits.
    """
    digest = hashlib.sha256(base64.b64decode(read_manifest()["key"])).hexdigest()
    return "".join(chr(ord("a") + int(digit, 16)) for digit in digest[:32])


def build_files(address: str) -> dict[str, bytes]:
    """Return the files of the extension for the site at `address` ("https://sage.example"), by name."""
    files = {path.name: path.read_bytes() for path in sorted(SOURCES.iterdir())}
    manifest = read_manifest() | {
        "version": __version__,
        "host_permissions": [f"{address}/*"],
        "externally_connectable": {"matches": [f"{address}/*"]},
    }
    files["manifest.json"] = json.dumps(manifest, indent=2).encode()
    files["config.js"] = files["config.js"].replace(PLACEHOLDER.encode(), json.dumps(address).encode())
    return files


def build_archive(address: str) -> bytes:
    """Return the ZIP archive of the extension for the site at `address`."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in build_files(address).items():
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}", EARLIEST)
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return target.getvalue()
