"""Addresses of tokens below /v2/billing/."""

from django.urls import path

from billing import api

app_name = "billing_api"
urlpatterns = [
    path("balance", api.BalanceView.as_view(), name="balance"),
    path("usage", api.Usage.as_view(), name="usage"),
    path("tiers", api.Tiers.as_view(), name="tiers"),
]
