"""Define the errors of calls to models."""


class ProviderError(Exception):
    """A model could not do its work. The message is a sentence for users. Another try may succeed.

    `retry_after_seconds` is the pause that the provider asks for, if it does.
    """

    retry_after_seconds: float | None = None


class ProviderRejected(ProviderError):
    """The provider refuses the request, for example because the key is invalid. Another try does not help."""


class ModelMissing(ProviderRejected):
    """The files of a local model are not installed, or the setting names an unknown engine."""
