"""URL path converters."""

from sage.providers.keys import Provider


class ProviderConverter:
    """Convert the name of a provider in a URL path."""

    regex = "|".join(Provider.values)

    def to_python(self, value: str) -> Provider:
        return Provider(value)

    def to_url(self, value: str) -> str:
        return str(value)
