"""Parts of an address."""

from sage.providers.checking import Provider


class WhichProvider:
    """A provider by its name."""

    regex = "|".join(Provider.values)

    def to_python(self, value: str) -> Provider:
        return Provider(value)

    def to_url(self, value: str) -> str:
        return str(value)
