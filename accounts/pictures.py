"""The picture of a person: taken in as it comes, drawn anew by a worker, shown from then on.

A picture is a stranger's file. The web process looks at its size and first bytes and keeps it unread; a worker has it
decoded in the sandbox, and what is shown is only what Sage itself drew. The sandbox is of an app above this one, which
says by `draw_by` how a picture is drawn.
"""

import logging
import secrets
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path

from celery import current_app
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from kombu.exceptions import OperationalError as BrokerAway

from accounts.models import User
from sage.errors import TooLarge, UnsupportedMedia
from sage.storage import storage

log = logging.getLogger(__name__)
MOST_BYTES = 2 * 1024**2
SIGNS = {b"\x89PNG\r\n\x1a\n": 0, b"\xff\xd8\xff": 0, b"WEBP": 8}  # PNG, JPEG, WebP, and where each says so
DRAW = "accounts.tasks.draw_picture"

Draw = Callable[[Path, Path], None]
_draws: list[Draw] = []


class Unreadable(ValueError):
    """A picture that cannot be drawn; the message is a plain sentence for its owner."""


def draw_by(draw: Draw) -> None:
    """Have `draw(source, target)` write a JPEG of a picture. It raises `Unreadable`."""
    _draws[:] = [draw]


def send(user: User, file: UploadedFile) -> None:
    """Keep a picture that was sent, and have it drawn. Raises `TooLarge` or `UnsupportedMedia`."""
    if (file.size or 0) > MOST_BYTES:
        raise TooLarge("This picture is larger than 2 MB. Choose a smaller one; nothing was changed.")
    head = file.read(16)
    file.seek(0)
    if not any(head[at:].startswith(sign) for sign, at in SIGNS.items()):
        raise UnsupportedMedia("This is no PNG, JPEG or WebP picture. Choose one; nothing was changed.")
    key = f"{_folder(user)}/sent-{secrets.token_hex(16)}"
    storage.put_stream(key, file)
    with transaction.atomic():
        before = User.objects.select_for_update().values_list("picture_sent", flat=True).get(pk=user.pk)
        User.objects.filter(pk=user.pk).update(picture_sent=key, picture_error="")
        transaction.on_commit(lambda: _nudge(user.pk))
    if before:
        storage.delete(before)


def remove(user: User) -> None:
    """Show no picture any more."""
    User.objects.filter(pk=user.pk).update(picture="", picture_sent="", picture_error="")
    remove_all(user)


def remove_all(user: User) -> None:
    storage.delete(_folder(user))


def draw_waiting() -> None:
    """Draw what a lost message left waiting. Run by beat."""
    for user_id in User.objects.exclude(picture_sent="").values_list("pk", flat=True):
        try:
            draw(user_id)
        except Exception:  # storage that is away, say: the next one may be drawn, and this one next time
            log.exception("pictures: the one of %s could not be drawn", user_id)


def draw(user_id: uuid.UUID) -> None:
    """Draw the picture that this person sent last, and show it. Run by a worker."""
    user = User.objects.filter(pk=user_id).exclude(picture_sent="").first()
    if user is None:
        return
    sent, key, error = user.picture_sent, f"{_folder(user)}/{secrets.token_hex(16)}.jpg", ""
    try:
        _draw(sent, key)
    except (Unreadable, FileNotFoundError) as refusal:
        key, error = user.picture, str(refusal)[:200]
    # Unless another one was sent meanwhile, which is drawn next.
    taken = User.objects.filter(pk=user_id, picture_sent=sent)
    if taken.update(picture=key, picture_sent="", picture_error=error):
        storage.delete(sent)
        if user.picture and user.picture != key:
            storage.delete(user.picture)
    elif not error:
        storage.delete(key)


def _draw(sent: str, key: str) -> None:
    with tempfile.TemporaryDirectory(prefix="sage-picture-") as folder:
        source, target = Path(folder) / "sent", Path(folder) / "drawn.jpg"
        source.write_bytes(storage.read(sent))
        _draws[0](source, target)
        storage.put_file(key, target, "image/jpeg")


def _nudge(user_id: uuid.UUID) -> None:
    try:
        current_app.send_task(DRAW, [str(user_id)], retry=False)
    except (BrokerAway, OSError):
        return  # beat finds it


def _folder(user: User) -> str:
    return f"pictures/{user.pk}"
