"""Paginate the lists of the API: `{<name>, total, page, per_page, total_pages}`."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol

from django.http import StreamingHttpResponse
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from sage.api.fields import number_messages
from sage.db_connections import release_connections

MAX_PER_PAGE = 50
MAX_PAGE = 1_000_000


class PagedRows(Protocol):
    """A query set, or another sequence that counts its rows."""

    def count(self) -> int: ...

    def __getitem__(self, part: slice, /) -> Any: ...


class PageQuerySerializer(serializers.Serializer[Any]):
    page = serializers.IntegerField(
        min_value=1, max_value=MAX_PAGE, default=1, error_messages=number_messages("Give a page number of 1 or more.")
    )
    per_page = serializers.IntegerField(
        min_value=1,
        max_value=MAX_PER_PAGE,
        default=10,
        error_messages=number_messages(f"Give a page size from 1 to {MAX_PER_PAGE}."),
    )


class PageSerializer(serializers.Serializer[Any]):
    """Base class of pages; subclasses add the rows."""

    total = serializers.IntegerField()
    page = serializers.IntegerField()
    per_page = serializers.IntegerField()
    total_pages = serializers.IntegerField()


def paginate(
    request: Request, name: str, rows: PagedRows, serializer: type[serializers.Serializer[Any]]
) -> dict[str, Any]:
    """Return the requested page with its rows under `name`. A page after the last one is empty."""
    page_rows, facts = _fetch_page(request, rows)
    return {name: serializer(page_rows, many=True).data, **facts}


def paginate_streamed(
    request: Request,
    name: str,
    rows: PagedRows,
    serialise: Callable[[Any], Any],
    prepare: Callable[[list[Any]], None] | None = None,
) -> StreamingHttpResponse:
    """Return the requested page as a stream that serialises one row at a time, to bound memory for large rows.

    `prepare` is called with all rows of the page first, to load what belongs to them.
    """
    page_rows, facts = _fetch_page(request, rows)
    if prepare:
        prepare(page_rows)
    return StreamingHttpResponse(_render_rows(name, page_rows, serialise, facts), content_type="application/json")


def _fetch_page(request: Request, rows: PagedRows) -> tuple[list[Any], dict[str, int]]:
    """Return the rows of the requested page and the facts about it."""
    query = PageQuerySerializer(data=request.query_params.dict())
    query.is_valid(raise_exception=True)
    page, per_page = query.validated_data["page"], query.validated_data["per_page"]
    total = rows.count()
    page_rows = list(rows[(page - 1) * per_page : page * per_page])
    return page_rows, {"total": total, "page": page, "per_page": per_page, "total_pages": -(-total // per_page)}


async def _render_rows(
    name: str, rows: list[Any], serialise: Callable[[Any], Any], facts: dict[str, int]
) -> AsyncIterator[bytes]:
    await release_connections()
    render = JSONRenderer().render
    yield b'{"%s":[' % name.encode()
    rows.reverse()
    separator = b""
    while rows:
        yield separator + await asyncio.to_thread(lambda row: render(serialise(row)), rows.pop())
        separator = b","
    yield b"]," + render(facts)[1:]
