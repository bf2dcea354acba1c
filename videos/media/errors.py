"""The one error that this package raises on purpose."""

import errno

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})  # how a disk says that it has no room


class MediaError(ValueError):
    """A file that cannot be used; its text is a plain sentence that says what is wrong and what to do."""
