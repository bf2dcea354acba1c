"""What tokens went into: by day for the chart, and all entries as a table to take away."""

import csv
import dataclasses
import io
import uuid
from datetime import date, timedelta

from django.db.models import Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from billing.models import Entry

DAYS = 30
COLUMNS = ("created_at", "kind", "amount", "balance_after", "video_id", "reason", "reference")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for one


@dataclasses.dataclass(frozen=True, slots=True)
class Bar:
    """One day of the chart; `x`, `y` and `height` in its own units, of a plot `HEIGHT` high."""

    day: date
    tokens: int
    x: float
    y: float
    height: float


@dataclasses.dataclass(frozen=True)
class Chart:
    """Tokens used on each of the last days, up to today (UTC)."""

    bars: list[Bar]
    most: int
    total: int


STEP, HEIGHT = 20, 100


def chart(user_id: uuid.UUID) -> Chart:
    first = timezone.now().date() - timedelta(days=DAYS - 1)
    used = Entry.objects.filter(user_id=user_id, kind=Entry.Kind.CAPTURE, created_at__date__gte=first)
    days = used.annotate(day=TruncDate("created_at")).values("day").annotate(sum=Sum("amount")).order_by("day")
    by_day = {row["day"]: -row["sum"] for row in days}
    most = max(by_day.values(), default=0)
    bars = []
    for number in range(DAYS):
        day = first + timedelta(days=number)
        tokens = by_day.get(day, 0)
        height = max(2.0, round(HEIGHT * tokens / most, 1)) if tokens else 0.0
        bars.append(Bar(day, tokens, number * STEP, HEIGHT - height, height))
    return Chart(bars, most, sum(by_day.values()))


def as_csv(user_id: uuid.UUID) -> str:
    """Every entry of a person, the newest first."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(COLUMNS)
    for row in Entry.objects.of(user_id).values_list(*COLUMNS).iterator(chunk_size=2000):
        table.writerow([_plain(cell) for cell in row])
    return written.getvalue()


def _plain(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
