"""Store the pictures that users upload and show the avatars that workers render from them.

A picture is an untrusted file. The web process checks its size and first bytes and stores it. A worker decodes it in
the sandbox, and pages show only the JPEG that the sandbox wrote. The step of the kind `KIND` does that; `videos`, which
has the sandbox, registers it.
"""

import secrets
import uuid

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.models import AccountJob, User
from sage.errors import PayloadTooLarge, UnsupportedMediaType
from sage.jobs import queue
from sage.storage import storage

KIND = "avatar"
MAX_BYTES = 2 * 1024**2  # of an uploaded picture
SIGNATURES = {b"\x89PNG\r\n\x1a\n": 0, b"\xff\xd8\xff": 0, b"WEBP": 8}  # PNG, JPEG, WebP: their offset in the file
MAX_ERROR_LENGTH = 200  # of `User.picture_error`


def upload_picture(user: User, file: UploadedFile) -> None:
    """Store a picture and queue the rendering of the avatar. Raises `PayloadTooLarge` or `UnsupportedMediaType`."""
    if (file.size or 0) > MAX_BYTES:
        raise PayloadTooLarge("This picture is larger than 2 MB. Your picture was not changed. Choose a smaller one.")
    head = file.read(16)
    file.seek(0)
    if not any(head[offset:].startswith(signature) for signature, offset in SIGNATURES.items()):
        raise UnsupportedMediaType("This file is not a PNG, JPEG or WebP picture. Your picture was not changed.")
    key = f"{_folder(user.pk)}/sent-{secrets.token_hex(16)}"
    storage.put_stream(key, file)
    with transaction.atomic():
        AccountJob.objects.get_or_create(user=user, kind=KIND)
        job = AccountJob.objects.select_for_update().get(user=user, kind=KIND)
        replaced = User.objects.values_list("picture_sent", flat=True).get(pk=user.pk)
        User.objects.filter(pk=user.pk).update(picture_sent=key, picture_error="")
        queue.restart(job)  # a worker that renders the replaced picture loses its lease
    if replaced:
        storage.delete(replaced)


def remove_picture(user: User) -> None:
    """Delete the user's picture and stop rendering a new one."""
    with transaction.atomic():
        queue.cancel(AccountJob.rows().filter(user=user, kind=KIND))
        User.objects.filter(pk=user.pk).update(picture="", picture_sent="", picture_error="")
    delete_files(user)


def delete_files(user: User) -> None:
    """Delete all stored pictures of a user."""
    storage.delete(_folder(user.pk))


def rendered_key(sent_key: str) -> str:
    """Return where the avatar of an uploaded picture is stored.

    The key cannot be guessed, and every attempt to render the same picture writes to the same key.
    """
    folder, _, name = sent_key.rpartition("/")
    return f"{folder}/{name.removeprefix('sent-')}.jpg"


def show(user_id: uuid.UUID, sent_key: str) -> None:
    """Show the avatar that was rendered from `sent_key`. Call it in the transaction that completes the job."""
    replaced = User.objects.values_list("picture", flat=True).get(pk=user_id)
    User.objects.filter(pk=user_id).update(picture=rendered_key(sent_key), picture_sent="", picture_error="")
    _delete_on_commit(sent_key, replaced)


def settle(job: AccountJob) -> None:
    """After a failure, keep the previous avatar and show the error on the profile page."""
    if job.status == AccountJob.Status.FAILED:
        sent_key = User.objects.values_list("picture_sent", flat=True).get(pk=job.user_id)
        error = job.error[:MAX_ERROR_LENGTH]
        User.objects.filter(pk=job.user_id).update(picture_sent="", picture_error=error)
        _delete_on_commit(sent_key)


def clean_up(job: AccountJob) -> None:
    """Delete the avatars that a worker rendered before it lost the job."""
    keys = [key for key in storage.keys(_folder(job.user_id)) if key.endswith(".jpg")]
    # Read after the files were listed, so that a file that is rendered in the meantime is not deleted.
    user = User.objects.filter(pk=job.user_id).first()
    needed = {user.picture, rendered_key(user.picture_sent)} if user else set()
    for key in set(keys) - needed:
        storage.delete(key)


def _delete_on_commit(*keys: str) -> None:
    for key in filter(None, keys):
        transaction.on_commit(lambda key=key: storage.delete(key), robust=True)  # type: ignore[misc]


def _folder(user_id: uuid.UUID) -> str:
    return f"pictures/{user_id}"
