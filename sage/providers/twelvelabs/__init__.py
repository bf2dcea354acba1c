"""Call TwelveLabs, a provider of models that understand videos."""

from sage.providers.twelvelabs.client import check_key

__all__ = ["check_key"]
