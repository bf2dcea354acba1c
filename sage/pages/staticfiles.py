"""Collect static files under names that contain a digest, so that browsers can cache them permanently."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

from sage import __version__

UNUSED = ["redoc", "rest_framework"]  # pages of packages that Sage does not use


class DigestedStaticFiles(CompressedManifestStaticFilesStorage):
    """Rewrite imports in ES modules too. An import map would be an inline script, which the CSP forbids."""

    support_js_module_import_aggregation = True
    keep_only_hashed_files = False
    max_post_process_passes = 20  # a pass resolves one level of imports; more than the deepest chain of our modules


def collect_if_changed() -> bool:
    """Collect the static files if a source has changed since the last time. Return True if they were collected."""
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
