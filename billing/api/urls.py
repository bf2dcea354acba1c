"""URLs of the billing API below `/v2/billing/`."""

from django.urls import path

from billing.api import balance, tiers, usage

app_name = "billing_api"
urlpatterns = [
    path("balance", balance.BalanceView.as_view(), name="balance"),
    path("usage", usage.UsageView.as_view(), name="usage"),
    path("tiers", tiers.TierListView.as_view(), name="tiers"),
]
