"""The pages of plan and usage, below /account/plan/."""

from django.urls import path

from billing import views

app_name = "billing"
urlpatterns = [
    path("", views.plan, name="plan"),
    path("ask/", views.ask, name="ask"),
    path("withdraw/", views.withdraw, name="withdraw"),
    path("usage.csv", views.table, name="csv"),
]
