"""Create folders that other users of the machine cannot open.

The mode of a new folder is reduced by the umask, so that it is set explicitly. This module imports no Django code, so
that the settings can import it.
"""

from contextlib import suppress
from pathlib import Path

OWNER_ONLY = 0o700
GROUP_MAY_READ = 0o750  # a reverse proxy in the group of Sage reads media files


def create_folder(path: Path, mode: int = OWNER_ONLY) -> None:
    """Create a folder with this mode. Its missing parents get the default mode. Keep an existing folder as it is."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):  # another process creates it at the same time
            path.mkdir(mode=OWNER_ONLY)
            path.chmod(mode)


def create_below(root: Path, folder: Path, mode: int = OWNER_ONLY) -> None:
    """Create `root` and the folders between it and `folder`, all with this mode."""
    for path in [*(parent for parent in reversed(folder.parents) if parent.is_relative_to(root)), folder]:
        create_folder(path, mode)


def restrict_folder(path: Path, mode: int) -> None:
    """Remove the access that an existing folder gives beyond `mode`. Do nothing if it does not exist."""
    with suppress(FileNotFoundError):
        allowed = path.stat().st_mode & 0o777
        if allowed & ~mode:
            path.chmod(allowed & mode)
