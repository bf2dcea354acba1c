"""`manage.py vendor`: download the third-party files in `static/vendor/` with npm, or verify their digests.

`static/vendor/manifest.json` lists the package, version, licence, file and digest of each. Pages load these files from
this site, never from another host.
"""

import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

Manifest = dict[str, Any]
FOLDER: Path = settings.BASE_DIR / "static" / "vendor"


class Command(BaseCommand):
    help = "Downloads the third-party files in static/vendor with npm, or verifies their digests offline."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Verify the digests without downloading.")
        parser.add_argument("--accept", action="store_true", help="Update the digests in the manifest.")

    def handle(self, *args: Any, check: bool, accept: bool, **options: Any) -> None:
        manifest: Manifest = json.loads((FOLDER / "manifest.json").read_text())
        if not check:
            for package in manifest["packages"]:
                fetch(package, accept)
                self.stdout.write(f"{package['name']} {package['version']}")
            (FOLDER / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
        if different := list_differences(manifest):
            raise CommandError(f"These files differ from the manifest: {', '.join(different)}. Run `manage.py vendor`.")
        self.stdout.write("All vendored files match the manifest.")


def list_differences(manifest: Manifest) -> list[str]:
    """Return the names of files that are missing, changed or not in the manifest."""
    expected = {file["file"]: file["sha256"] for package in manifest["packages"] for file in package["files"]}
    found = {path.name: digest(path.read_bytes()) for path in FOLDER.iterdir() if path.name != "manifest.json"}
    return sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))


def fetch(package: Manifest, accept: bool) -> None:
    """Download and write the files of one package. If a digest differs, raise an error before writing any of them."""
    spec = f"{package['name']}@{package['version']}"
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", spec, "--silent", "--pack-destination", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            made = {file["file"]: _content(archive, file, spec) for file in package["files"]}
    for file in package["files"]:
        if accept:
            file["sha256"] = digest(made[file["file"]])
        elif file["sha256"] != digest(made[file["file"]]):
            raise CommandError(f"{spec}: {file['file']} has a different digest. Use --accept to update the manifest.")
    for name, content in made.items():
        (FOLDER / name).write_bytes(content)


def _content(archive: tarfile.TarFile, file: Manifest, spec: str) -> bytes:
    if "icons" not in file:
        return _remove_source_map(_read_member(archive, file["from"]))
    symbols = [
        _make_symbol(name, _read_member(archive, file["from"].replace("*", name)).decode()) for name in file["icons"]
    ]
    lines = [f"<!-- {spec}, ISC -->", '<svg xmlns="http://www.w3.org/2000/svg">', *symbols, "</svg>", ""]
    return "\n".join(lines).encode()


def _remove_source_map(content: bytes) -> bytes:
    """Remove the last line of a script if it refers to a source map, which is not vendored."""
    return re.sub(rb"\n//# sourceMappingURL=.*\s*$", b"\n", content)


def _read_member(archive: tarfile.TarFile, name: str) -> bytes:
    member = archive.extractfile(f"package/{name}")
    if member is None:
        raise CommandError(f"{name} is not in the package.")
    return member.read()


def _make_symbol(name: str, svg: str) -> str:
    """Return an icon as a `<symbol>`. The style sheet sets stroke and fill."""
    inside = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
    if inside is None:
        raise CommandError(f"{name} is not an icon.")
    paths = "".join(line.strip() for line in inside[1].splitlines())
    return f'<symbol id="{name}" viewBox="0 0 24 24">{paths}</symbol>'


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
