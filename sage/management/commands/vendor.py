"""Fetch the third-party files of the pages again, or check that they are the ones that were fetched.

What is wanted stands in `static/vendor/manifest.json`: package, version, licence, file and digest. The npm client
fetches; it knows where from. Visitors get every file from this site, never from elsewhere.
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
    help = "Fetch the third-party files of the pages by npm, or with --check verify their digests offline."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="fetch nothing; fail if a file differs")
        parser.add_argument("--accept", action="store_true", help="write the digests of what was fetched")

    def handle(self, *args: Any, check: bool, accept: bool, **options: Any) -> None:
        manifest: Manifest = json.loads((FOLDER / "manifest.json").read_text())
        if not check:
            for package in manifest["packages"]:
                fetch(package, accept)
                self.stdout.write(f"{package['name']} {package['version']}")
            (FOLDER / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
        if wrong := differing(manifest):
            raise CommandError(f"Not what the manifest says: {', '.join(wrong)}. Run `manage.py vendor`.")
        self.stdout.write("Every vendored file is the one in the manifest.")


def differing(manifest: Manifest) -> list[str]:
    """Names of files that are missing, changed, or not in the manifest at all."""
    wanted = {file["file"]: file["sha256"] for package in manifest["packages"] for file in package["files"]}
    here = {path.name: digest(path.read_bytes()) for path in FOLDER.iterdir() if path.name != "manifest.json"}
    return sorted(name for name in wanted.keys() | here.keys() if wanted.get(name) != here.get(name))


def fetch(package: Manifest, accept: bool) -> None:
    """Write the files of one package. Raises before anything is written where a digest is not the known one."""
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
            raise CommandError(f"{spec}: {file['file']} has another digest. If that is meant, run with --accept.")
    for name, content in made.items():
        (FOLDER / name).write_bytes(content)


def _content(archive: tarfile.TarFile, file: Manifest, spec: str) -> bytes:
    if "icons" not in file:
        return _without_map(_member(archive, file["from"]))
    symbols = [_symbol(name, _member(archive, file["from"].replace("*", name)).decode()) for name in file["icons"]]
    lines = [f"<!-- {spec}, ISC -->", '<svg xmlns="http://www.w3.org/2000/svg">', *symbols, "</svg>", ""]
    return "\n".join(lines).encode()


def _without_map(content: bytes) -> bytes:
    """A script names the map of its sources in its last line; that is not kept, and what is named must be there."""
    return re.sub(rb"\n//# sourceMappingURL=.*\s*$", b"\n", content)


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    member = archive.extractfile(f"package/{name}")
    if member is None:
        raise CommandError(f"{name} is not in the package.")
    return member.read()


def _symbol(name: str, svg: str) -> str:
    """One icon as a symbol; how it is drawn (stroke, no fill) is said where it is used."""
    inside = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
    if inside is None:
        raise CommandError(f"{name} is no icon.")
    paths = "".join(line.strip() for line in inside[1].splitlines())
    return f'<symbol id="{name}" viewBox="0 0 24 24">{paths}</symbol>'


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
