"""Static files whose names carry a digest of what they hold, so that browsers may keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class DigestedStaticFiles(CompressedManifestStaticFilesStorage):
    """Also rewrites the imports inside our ES modules, so that pages need no import map (the policy forbids inline ones)."""

    support_js_module_import_aggregation = True
    keep_only_hashed_files = False
