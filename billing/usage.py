"""Summarise token usage per day for the chart and export all entries as CSV."""

import csv
import dataclasses
import io
import uuid
from datetime import date, timedelta

from django.db.models import Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from billing.models import Entry

CHART_DAYS = 30
COLUMNS = ("created_at", "kind", "amount", "balance_after", "video_id", "reason", "reference")
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet reads such a cell as a formula


@dataclasses.dataclass(frozen=True, slots=True)
class UsageDay:
    """One day of the chart. `x`, `y` and `height` are in units of the SVG, whose plot is `HEIGHT` units high."""

    day: date
    tokens: int
    x: float
    y: float
    height: float


@dataclasses.dataclass(frozen=True)
class UsageChart:
    """Tokens used on each of the last `CHART_DAYS` days up to today (UTC)."""

    bars: list[UsageDay]
    maximum: int
    total: int


STEP, HEIGHT = 20, 100  # width of a day and height of the plot, in SVG units


def build_chart(user_id: uuid.UUID) -> UsageChart:
    """Return the usage chart of a user."""
    first = timezone.now().date() - timedelta(days=CHART_DAYS - 1)
    used = Entry.objects.filter(user_id=user_id, kind=Entry.Kind.CAPTURE, created_at__date__gte=first)
    days = used.annotate(day=TruncDate("created_at")).values("day").annotate(sum=Sum("amount")).order_by("day")
    by_day = {row["day"]: -row["sum"] for row in days}
    maximum = max(by_day.values(), default=0)
    bars = []
    for number in range(CHART_DAYS):
        day = first + timedelta(days=number)
        tokens = by_day.get(day, 0)
        height = max(2.0, round(HEIGHT * tokens / maximum, 1)) if tokens else 0.0
        bars.append(UsageDay(day, tokens, number * STEP, HEIGHT - height, height))
    return UsageChart(bars, maximum, sum(by_day.values()))


def export_csv(user_id: uuid.UUID) -> str:
    """Return all entries of a user as CSV, newest first."""
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow(COLUMNS)
    for row in Entry.objects.of(user_id).values_list(*COLUMNS).iterator(chunk_size=2000):
        writer.writerow([_escape_formula(cell) for cell in row])
    return output.getvalue()


def _escape_formula(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_PREFIXES) else cell
