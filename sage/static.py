"""Static files whose names carry a digest of what they hold, so that browsers may keep them for ever."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

from sage import __version__

UNUSED = ["redoc", "rest_framework"]  # pages of packages that Sage never shows


class DigestedStaticFiles(CompressedManifestStaticFilesStorage):
    """Also rewrites the imports inside our ES modules, so that pages need no import map, which would be inline."""

    support_js_module_import_aggregation = True
    keep_only_hashed_files = False


def collect_if_changed() -> bool:
    """Collect the static files unless those collected before are of the same sources; True when it did."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    digest = hashlib.sha256(__version__.encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    if stamp.is_file() and stamp.read_text() == digest.hexdigest():
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=True, ignore_patterns=UNUSED)
    stamp.write_text(digest.hexdigest())
    return True
