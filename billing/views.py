"""Show the plan, balance and usage of the signed-in user."""

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

ENTRIES_PER_PAGE = 25


PER_SECOND = (Operation.ANALYSIS, Operation.LOOK)


@login_required
@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    """Show plan, balance, other plans and usage as a chart and a table."""
    user_id = _user_id(request)
    account = ledger.get_account(user_id)
    page = Paginator(Entry.objects.of(user_id), ENTRIES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "account": account,
        "balance": ledger.balance(user_id),
        "tiers": Tier.objects.offered(),
        "open_request": plans.get_open_request(user_id),
        "chart": usage.build_chart(user_id),
        "page": page,
        "currency": settings.CURRENCY,
        "only_analysis_costs": not any(price for name, price in settings.PRICES.items() if name not in PER_SECOND),
    }
    return render(request, "billing/plan.html", context)


@login_required
@require_POST
def request_plan(request: HttpRequest) -> HttpResponse:
    """Request another plan."""
    back_to = reverse("billing:plan")
    tier = get_object_or_404(Tier, key=request.POST.get("tier", ""))
    payment_url = plans.request_plan(_user_id(request), tier, request.build_absolute_uri(back_to))
    if payment_url is None:
        messages.success(request, f"You requested {tier.name}. An operator of this site will review your request.")
    return redirect(payment_url or back_to)


@login_required
@require_POST
def withdraw_request(request: HttpRequest) -> HttpResponse:
    """Withdraw the open plan request."""
    if plans.withdraw_request(_user_id(request)):
        messages.success(request, "Your request was withdrawn. Your plan has not changed.")
    return redirect("billing:plan")


@login_required
@require_safe
def export_usage(request: HttpRequest) -> HttpResponse:
    """Export all entries of the user as CSV."""
    name = f"sage-usage-{timezone.now():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(usage.export_csv(_user_id(request)), content_type="text/csv; charset=utf-8", headers=headers)


def _user_id(request: HttpRequest) -> uuid.UUID:
    assert request.user.pk  # noqa: S101 - the views require a login
    return request.user.pk
