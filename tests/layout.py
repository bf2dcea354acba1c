"""Check that no folder holds too many modules: `python -m tests.layout`, part of `make lint`."""

import subprocess
import sys
from collections import Counter
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[1]
MOST_MODULES = 18  # in one folder; a larger folder is split into packages


def crowded_folders(paths: list[str]) -> dict[str, int]:
    """Return the folders of `paths` that hold more than `MOST_MODULES` modules, with their counts.

    Python and JavaScript modules count. Third-party files, migrations and `__init__.py` do not.
    """
    modules = [
        path
        for path in map(PurePosixPath, paths)
        if path.suffix in {".py", ".js"} and path.name != "__init__.py" and not {"vendor", "migrations"} & {*path.parts}
    ]
    counts = Counter(str(path.parent) for path in modules)
    return {folder: count for folder, count in sorted(counts.items()) if count > MOST_MODULES}


def main() -> int:
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    paths = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    crowded = crowded_folders([path for path in paths if (ROOT / path).exists()])
    for folder, count in crowded.items():
        sys.stderr.write(f"{folder} holds {count} modules. Split it into packages of at most {MOST_MODULES}.\n")
    return 1 if crowded else 0


if __name__ == "__main__":
    sys.exit(main())
