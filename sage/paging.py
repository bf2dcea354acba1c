"""Lists of the API come in pages: `{<name>, total, page, per_page, total_pages}`."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from sage.fields import asked
from sage.streaming import let_database_go

MOST_A_PAGE = 50
MOST_PAGES = 1_000_000


class PageQuery(serializers.Serializer[Any]):
    page = serializers.IntegerField(
        min_value=1, max_value=MOST_PAGES, default=1, error_messages=asked("Give a page from 1 on.")
    )
    per_page = serializers.IntegerField(
        min_value=1, max_value=MOST_A_PAGE, default=10, error_messages=asked(f"Ask for 1 to {MOST_A_PAGE} a page.")
    )


class Page(serializers.Serializer[Any]):
    """What every page has beside its rows."""

    total = serializers.IntegerField()
    page = serializers.IntegerField()
    per_page = serializers.IntegerField()
    total_pages = serializers.IntegerField()


def paged(request: Request, name: str, rows: QuerySet[Any], shape: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """The page that was asked for, its rows under `name`. One past the last is empty."""
    wanted, facts = _wanted(request, rows)
    return {name: shape(wanted, many=True).data, **facts}


def paged_row_by_row(
    request: Request, name: str, rows: QuerySet[Any], read: Callable[[Any], Any]
) -> StreamingHttpResponse:
    """The same, sent a row at a time as `read` makes them: of large rows, fifty at once would fill the memory."""
    wanted, facts = _wanted(request, rows)
    return StreamingHttpResponse(_pieces(name, wanted, read, facts), content_type="application/json")


def _wanted(request: Request, rows: QuerySet[Any]) -> tuple[list[Any], dict[str, int]]:
    """The rows of the page, asked for in one query, and the facts about it."""
    query = PageQuery(data=request.query_params.dict())
    query.is_valid(raise_exception=True)
    page, per_page = query.validated_data["page"], query.validated_data["per_page"]
    total = rows.count()
    wanted = list(rows[(page - 1) * per_page : page * per_page])
    return wanted, {"total": total, "page": page, "per_page": per_page, "total_pages": -(-total // per_page)}


async def _pieces(
    name: str, rows: list[Any], read: Callable[[Any], Any], facts: dict[str, int]
) -> AsyncIterator[bytes]:
    await let_database_go()
    json = JSONRenderer().render
    yield b'{"%s":[' % name.encode()
    rows.reverse()
    between = b""
    while rows:
        yield between + await asyncio.to_thread(lambda row: json(read(row)), rows.pop())
        between = b","
    yield b"]," + json(facts)[1:]
