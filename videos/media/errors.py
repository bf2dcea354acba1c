"""The one error that this package raises on purpose."""


class MediaError(ValueError):
    """A file that cannot be used; its text is a plain sentence that says what is wrong and what to do."""
