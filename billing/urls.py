"""URLs of the plan and usage pages, below /account/plan/."""

from django.urls import path

from billing import views

app_name = "billing"
urlpatterns = [
    path("", views.plan, name="plan"),
    path("ask/", views.request_plan, name="request-plan"),
    path("withdraw/", views.withdraw_request, name="withdraw-request"),
    path("usage.csv", views.export_usage, name="export-usage"),
]
