"""Every model is in the admin, with a list and a search."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from sage.models import IdempotentResponse
from sage.storage import storage
from videos.comparisons import sharing
from videos.models import Collection, Comparison, Embedding, Job, LibraryEntry, Notice, Share, Upload, Video

pytestmark = pytest.mark.django_db
MODELS = [
    model
    for app in ("sage", "accounts", "billing", "videos", "notes", "chat")
    for model in apps.get_app_config(app).get_models()
]
READ_ONLY_MODELS = [
    Video,
    Upload,
    Job,
    Comparison,
    Embedding,
    Share,
    Notice,
    Collection,
    LibraryEntry,
    IdempotentResponse,
]


@pytest.fixture
def operator():
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.org", "correct horse battery", name="Root"))
    return client


def get_admin_url(model):
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


@pytest.mark.parametrize("model", [*MODELS, LogEntry], ids=lambda model: model.__name__)
def test_each_model_has_a_list_a_search_and_a_form(operator, alice_comparison, model):
    registered = admin.site._registry[model]
    url = get_admin_url(model)

    assert registered.search_fields
    assert operator.get(url).status_code == 200
    assert operator.get(url, {"q": "clip"}).status_code == 200
    first = model._default_manager.first()
    if first:
        assert operator.get(f"{url}{first.pk}/change/").status_code == 200


@pytest.mark.parametrize("model", READ_ONLY_MODELS, ids=lambda model: model.__name__)
def test_objects_of_users_and_workers_cannot_be_added(operator, model):
    assert operator.get(f"{get_admin_url(model)}add/").status_code == 403
    assert operator.post(f"{get_admin_url(model)}add/", {}).status_code == 403


@pytest.mark.parametrize("model", [Comparison, Job, Share, Notice], ids=lambda model: model.__name__)
def test_no_admin_page_loads_a_script(operator, alice_comparison, model):
    sharing.share_comparison(alice_comparison)
    row = alice_comparison if model is Comparison else model.objects.get(comparison=alice_comparison)

    with CaptureQueriesContext(connection) as queries:
        for page in ("", f"{row.pk}/change/"):
            assert operator.get(get_admin_url(model) + page).status_code == 200

    assert not [query["sql"] for query in queries if '"script"' in query["sql"]]


def test_a_job_can_be_deleted_only_with_its_video(operator, alice_video):
    job = alice_video.jobs.first()

    alone = operator.post(f"/admin/videos/job/{job.pk}/delete/", {"post": "yes"})
    assert alone.status_code == 403 and list(storage.keys("videos"))
    operator.post(f"/admin/videos/video/{alice_video.pk}/delete/", {"post": "yes"})

    assert not Video.all_objects.exists() and not Job.objects.exists()
    assert not list(storage.keys("videos"))


def test_selected_comparisons_are_deleted_with_their_jobs(operator, alice_comparison):
    chosen = {"action": "delete_selected", "_selected_action": str(alice_comparison.pk)}

    confirmation = operator.post("/admin/videos/comparison/", chosen).content.decode()
    operator.post("/admin/videos/comparison/", {**chosen, "post": "yes"})

    assert str(alice_comparison) in confirmation
    assert not Comparison.all_objects.exists() and not Job.objects.filter(video=None).exists()


def test_other_users_cannot_open_the_admin(alice_client):
    assert alice_client.get("/admin/").status_code == 302


def test_a_job_can_be_nudged(operator, alice_video):
    job = Job.objects.first()

    answer = operator.post("/admin/videos/job/", {"action": "wake_workers", "_selected_action": [str(job.pk)]})

    assert answer.status_code == 302
