"""Call OpenAI or a compatible server."""

from sage.providers.openai.client import check_key

__all__ = ["check_key"]
