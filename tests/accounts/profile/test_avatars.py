import io
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from accounts.models import AccountJob, User
from accounts.profile import avatars
from sage.jobs import queue, worker
from sage.jobs.registry import step_of
from sage.storage import storage
from videos.sandbox import runner

queue_pictures = import_module("accounts.migrations.0010_queue_pictures").queue_pictures
pytestmark = pytest.mark.django_db


def build_image(kind, size=(300, 200), mode="RGB", **options):
    content = io.BytesIO()
    Image.new(mode, size, "#c03030").save(content, kind, **options)
    return content.getvalue()


def send(client, content, name="p.png"):
    return client.post("/account/picture/", {"file": SimpleUploadedFile(name, content)}, follow=True)


@pytest.fixture
def render(django_capture_on_commit_callbacks):
    """Return a function that runs the job of a user as a worker does."""

    def run(user):
        with django_capture_on_commit_callbacks(execute=True):
            worker.run(AccountJob, user.jobs.get().pk)

    return run


def list_stored_files(user):
    return list(storage.keys(f"pictures/{user.pk}"))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_rendered_small_and_square(alice_client, alice, kind, client, render):
    secret = b"secret location"
    options = {"exif": b"Exif\0\0" + secret} if kind == "JPEG" else {}
    assert "Processing your picture" in send(alice_client, build_image(kind, **options)).content.decode()

    render(alice)
    render(alice)

    alice.refresh_from_db()
    answer = client.get(alice.picture_url)
    shown = Image.open(io.BytesIO(answer.content))
    assert (shown.format, shown.size, answer["Content-Type"]) == ("JPEG", (256, 256), "image/jpeg")
    assert shown.getpixel((128, 128))[0] > 150 > shown.getpixel((128, 128))[2] and secret not in answer.content
    assert list_stored_files(alice) == [alice.picture]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"GIF89a" + bytes(100), "not a PNG, JPEG or WebP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a PNG, JPEG or WebP"),
        (b"\x89PNG\r\n\x1a\n" + bytes(avatars.MAX_BYTES), "larger than 2 MB"),
    ],
)
def test_a_file_of_another_type_or_over_the_size_limit_is_refused(alice_client, alice, content, message):
    assert message in send(alice_client, content).content.decode()

    alice.refresh_from_db()
    assert alice.picture_sent == "" and list_stored_files(alice) == []


def test_an_unreadable_picture_keeps_the_previous_one_with_a_message(alice_client, alice, render):
    send(alice_client, build_image("PNG"))
    render(alice)
    alice.refresh_from_db()
    before = alice.picture

    for content in (
        b"\x89PNG\r\n\x1a\n" + bytes(500),
        build_image("PNG", (4000, 10)),
        build_image("PNG", (9000, 5000), "L"),
    ):
        send(alice_client, content)
        render(alice)

        alice.refresh_from_db()
        assert (alice.picture, alice.picture_sent) == (before, "") and alice.picture_error
        assert alice.picture_error in alice_client.get("/account/").content.decode()
        assert list_stored_files(alice) == [before]


def test_the_newest_picture_is_shown_and_a_removed_picture_is_deleted(alice_client, alice, client, render):
    send(alice_client, build_image("PNG"))
    send(alice_client, build_image("JPEG"))
    render(alice)
    alice.refresh_from_db()
    url = alice.picture_url
    assert list_stored_files(alice) == [alice.picture]

    alice_client.post("/account/picture/", {"remove": "1"})

    assert client.get(url).status_code == 404 and list_stored_files(alice) == []


def test_a_picture_that_crashes_its_decoder_is_retried_and_then_refused(alice_client, alice, monkeypatch, render):
    def crash(*_, **__):
        raise runner.SandboxError("status -11")

    monkeypatch.setattr(runner, "run_in_sandbox", crash)
    send(alice_client, build_image("PNG"))
    for _ in range(queue.MAX_ATTEMPTS):
        AccountJob.rows().update(run_after=timezone.now())
        render(alice)

    alice.refresh_from_db()
    assert (alice.picture_sent, alice.picture_error) == ("", step_of(alice.jobs.get()).failure_message)
    assert list_stored_files(alice) == []


def test_a_picture_that_is_replaced_during_rendering_is_not_shown(alice_client, alice, monkeypatch, render):
    really_run = runner.run_in_sandbox
    newer = build_image("JPEG")

    def replace_meanwhile(*arguments, **options):
        really_run(*arguments, **options)
        monkeypatch.undo()
        send(alice_client, newer)

    send(alice_client, build_image("PNG"))
    monkeypatch.setattr(runner, "run_in_sandbox", replace_meanwhile)
    render(alice)

    alice.refresh_from_db()
    assert (alice.picture, alice.jobs.get().status) == ("", AccountJob.Status.PENDING)
    assert list_stored_files(alice) == [alice.picture_sent]
    render(alice)
    alice.refresh_from_db()
    assert list_stored_files(alice) == [alice.picture]


def test_a_picture_that_is_removed_before_rendering_is_not_shown(alice_client, alice, render):
    send(alice_client, build_image("PNG"))
    alice_client.post("/account/picture/", {"remove": "1"})

    render(alice)

    alice.refresh_from_db()
    assert (alice.picture, alice.picture_sent, list_stored_files(alice)) == ("", "", [])


def test_a_lost_message_is_sent_again(alice_client, alice):
    send(alice_client, build_image("PNG"))

    assert queue.wake_for_waiting_jobs(timedelta(0)) == 1


def test_a_missing_file_is_reported(alice_client, alice, render):
    send(alice_client, build_image("PNG"))
    alice.refresh_from_db()
    storage.delete(alice.picture_sent)

    render(alice)

    assert "missing from storage" in alice_client.get("/account/").content.decode()


def test_the_migration_queues_pictures_that_were_not_rendered(alice):
    User.objects.update(picture_sent=f"pictures/{alice.pk}/sent-0")

    queue_pictures(apps, None)

    assert queue.claim(AccountJob, alice.jobs.get().pk).kind == avatars.KIND
