"""Lists of the API come in pages: `{<name>, total, page, per_page, total_pages}`."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request

MOST_A_PAGE = 50
MOST_PAGES = 1_000_000


class PageQuery(serializers.Serializer[Any]):
    page = serializers.IntegerField(min_value=1, max_value=MOST_PAGES, default=1)
    per_page = serializers.IntegerField(min_value=1, max_value=MOST_A_PAGE, default=10)


class Page(serializers.Serializer[Any]):
    """What every page has beside its rows."""

    total = serializers.IntegerField()
    page = serializers.IntegerField()
    per_page = serializers.IntegerField()
    total_pages = serializers.IntegerField()


def paged(request: Request, name: str, rows: QuerySet[Any], shape: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """The page that was asked for, its rows under `name`. One past the last is empty."""
    query = PageQuery(data=request.query_params)
    query.is_valid(raise_exception=True)
    page, per_page = query.validated_data["page"], query.validated_data["per_page"]
    total = rows.count()
    wanted = rows[(page - 1) * per_page : page * per_page]
    return {
        name: shape(wanted, many=True).data,
        "total": total,
        "page": page,
        "per_page": per_page,
        "total_pages": -(-total // per_page),
    }
