"""Every model is in the admin, with a list and a search, from its first day."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client

from accounts.models import User
from videos.models import Job

pytestmark = pytest.mark.django_db
OURS = [model for app in ("accounts", "videos") for model in apps.get_app_config(app).get_models()]


@pytest.fixture
def operator():
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.org", "correct horse battery", name="Root"))
    return client


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_each_model_has_a_list_a_search_and_a_form(operator, alices_comparison, model):
    registered = admin.site._registry[model]
    here = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"

    assert registered.search_fields
    assert operator.get(here).status_code == 200
    assert operator.get(here, {"q": "clip"}).status_code == 200
    first = model._default_manager.first()
    if first:
        assert operator.get(f"{here}{first.pk}/change/").status_code == 200


def test_nobody_else_gets_in(alices):
    assert alices.get("/admin/").status_code == 302


def test_a_job_can_be_nudged(operator, alices_video):
    job = Job.objects.first()

    answer = operator.post("/admin/videos/job/", {"action": "nudge", "_selected_action": [str(job.pk)]})

    assert answer.status_code == 302
