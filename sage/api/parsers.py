"""Parsers of request bodies."""

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from rest_framework.parsers import JSONParser

from sage.errors import PayloadTooLarge
from sage.limits.body_sizes import DEFAULT_BODY_BYTES


class SmallJsonParser(JSONParser):
    """Parse JSON of at most `DEFAULT_BODY_BYTES`, for a route that accepts larger bodies of another type."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        content = stream.read(DEFAULT_BODY_BYTES + 1)
        if len(content) > DEFAULT_BODY_BYTES:
            raise PayloadTooLarge(f"JSON may have at most {DEFAULT_BODY_BYTES // 1024**2} MB.")
        return super().parse(BytesIO(content), media_type, parser_context)
