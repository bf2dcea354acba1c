"""`manage.py create_vector_index`: create the vector index of search for the configured model."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sage.providers import registry
from sage.providers.errors import ProviderError
from videos.search.indexing import create_vector_index


class Command(BaseCommand):
    """Create the HNSW index on the passages of `TEXT_VECTOR_MODEL`."""

    help = (
        "Creates the vector index of search for the model of TEXT_VECTOR_MODEL, unless it is the default model, whose "
        "index exists. Writing continues meanwhile."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            embedder = registry.choose_text_embedder()
        except ProviderError as error:
            raise CommandError(str(error)) from error
        name = create_vector_index(embedder.model, embedder.dimensions)
        self.stdout.write(f"The index {name} of {embedder.model} exists.")
