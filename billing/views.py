"""One's plan, what is left of it, and what it went into."""

import uuid

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from billing import ledger, plans, usage
from billing.models import Entry, Tier
from billing.operations import Operation

ENTRIES_A_PAGE = 25


@login_required
@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    """Plan, balance, other plans, and usage as a chart and a table."""
    me = _asker(request)
    account = ledger.account_of(me)
    page = Paginator(Entry.objects.of(me), ENTRIES_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "account": account,
        "balance": ledger.balance(me),
        "tiers": Tier.objects.offered(),
        "asked": plans.asked(me),
        "chart": usage.chart(me),
        "page": page,
        "currency": settings.CURRENCY,
        "all_else_is_free": not any(price for name, price in settings.PRICES.items() if name != Operation.ANALYSIS),
    }
    return render(request, "billing/plan.html", context)


@login_required
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for another plan, from a form."""
    back_to = reverse("billing:plan")
    tier = get_object_or_404(Tier, key=request.POST.get("tier", ""))
    pay_at = plans.ask(_asker(request), tier, request.build_absolute_uri(back_to))
    if pay_at is None:
        messages.success(request, f"You asked for {tier.name}. An operator of this site will decide on that.")
    return redirect(pay_at or back_to)


@login_required
@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take the request back, from a form."""
    if plans.withdraw(_asker(request)):
        messages.success(request, "Your request is withdrawn. Your plan stays as it is.")
    return redirect("billing:plan")


@login_required
@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """All of one's entries as CSV."""
    name = f"sage-usage-{timezone.now():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(usage.as_csv(_asker(request)), content_type="text/csv; charset=utf-8", headers=headers)


def _asker(request: HttpRequest) -> uuid.UUID:
    assert request.user.pk  # noqa: S101 - nobody else gets as far as this
    return request.user.pk
