"""Every model is in the admin, with a list and a search, from its first day."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Answer, User
from sage.storage import storage
from videos import sharing
from videos.models import Collection, Comparison, Embedding, Job, Notice, Share, Upload, Video

pytestmark = pytest.mark.django_db
OURS = [model for app in ("accounts", "billing", "videos") for model in apps.get_app_config(app).get_models()]
MADE_ELSEWHERE = [Video, Upload, Job, Comparison, Embedding, Share, Notice, Collection, Answer]


@pytest.fixture
def operator():
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.org", "correct horse battery", name="Root"))
    return client


def page_of(model):
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


@pytest.mark.parametrize("model", [*OURS, LogEntry], ids=lambda model: model.__name__)
def test_each_model_has_a_list_a_search_and_a_form(operator, alices_comparison, model):
    registered = admin.site._registry[model]
    here = page_of(model)

    assert registered.search_fields
    assert operator.get(here).status_code == 200
    assert operator.get(here, {"q": "clip"}).status_code == 200
    first = model._default_manager.first()
    if first:
        assert operator.get(f"{here}{first.pk}/change/").status_code == 200


@pytest.mark.parametrize("model", MADE_ELSEWHERE, ids=lambda model: model.__name__)
def test_what_people_and_workers_make_is_not_made_here(operator, model):
    assert operator.get(f"{page_of(model)}add/").status_code == 403
    assert operator.post(f"{page_of(model)}add/", {}).status_code == 403


@pytest.mark.parametrize("model", [Comparison, Job, Share, Notice], ids=lambda model: model.__name__)
def test_no_page_reads_a_script_which_may_be_long(operator, alices_comparison, model):
    sharing.share(alices_comparison)
    row = alices_comparison if model is Comparison else model.objects.get(comparison=alices_comparison)

    with CaptureQueriesContext(connection) as asked:
        for page in ("", f"{row.pk}/change/"):
            assert operator.get(page_of(model) + page).status_code == 200

    assert not [query["sql"] for query in asked if '"script"' in query["sql"]]


def test_a_job_is_not_taken_away_but_with_its_video_which_takes_its_files_along(operator, alices_video):
    job = alices_video.jobs.first()

    alone = operator.post(f"/admin/videos/job/{job.pk}/delete/", {"post": "yes"})
    assert alone.status_code == 403 and list(storage.keys("videos"))
    operator.post(f"/admin/videos/video/{alices_video.pk}/delete/", {"post": "yes"})

    assert not Video.everything.exists() and not Job.objects.exists()
    assert not list(storage.keys("videos"))


def test_some_comparisons_are_taken_away_with_their_jobs(operator, alices_comparison):
    chosen = {"action": "delete_selected", "_selected_action": str(alices_comparison.pk)}

    asked = operator.post("/admin/videos/comparison/", chosen).content.decode()
    operator.post("/admin/videos/comparison/", {**chosen, "post": "yes"})

    assert str(alices_comparison) in asked
    assert not Comparison.everything.exists() and not Job.objects.filter(video=None).exists()


def test_nobody_else_gets_in(alices):
    assert alices.get("/admin/").status_code == 302


def test_a_job_can_be_nudged(operator, alices_video):
    job = Job.objects.first()

    answer = operator.post("/admin/videos/job/", {"action": "nudge", "_selected_action": [str(job.pk)]})

    assert answer.status_code == 302
