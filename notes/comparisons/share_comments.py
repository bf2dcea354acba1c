"""Let visitors of a share link comment on a comparison.

A comment is a note of the owner of the comparison with the name of the visitor, so the owner answers, marks and deletes
it like any note. Visitors see the comments, but not the owner's own notes and replies.
"""

import dataclasses
import re
import unicodedata
from typing import Any

from django.core.signing import BadSignature
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase

from accounts.viewer import Viewer, viewer_of
from notes.models import Note, NoteQuerySet
from notes.timestamps import check_times
from notes.writing import publish_note
from sage.errors import Conflict, Gone, NotFound
from videos.comparisons import sharing
from videos.comparisons.reviews.panels import ComparePanelContent
from videos.models import Comparison, Share

MAX_NAME_LENGTH = 60  # characters
MAX_COMMENT_LENGTH = 2_000  # characters
MAX_COMMENTS = 500  # of one link, with deleted ones
NAME_COOKIE = "sage_visitor"
NAME_COOKIE_SECONDS = 365 * 24 * 3600
NAME_SALT = "notes.visitor"
NOT_OPEN = "This link does not exist, has ended, or takes no comments."
# Marks of writing direction, which could turn the text around them, and other invisible characters. The joiners U+200C
# and U+200D are kept because some scripts and emoji need them.
_INVISIBLE = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


@dataclasses.dataclass(frozen=True, slots=True)
class NewComment:
    """A comment to create. Without `seconds` it is about the whole comparison."""

    name: str
    text: str
    side: str | None = None
    seconds: float | None = None


def clean_text(text: str, *, one_line: bool = False) -> str:
    """Return a text without invisible and control characters, which may keep its line breaks."""
    kept = "" if one_line else "\n"
    lines = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    visible = "".join(each if each in kept or unicodedata.category(each) != "Cc" else " " for each in lines)
    visible = visible.replace("\u2028", " ").replace("\u2029", " ")
    return " ".join(visible.split()) if one_line else re.sub(r"\n{3,}", "\n\n", visible).strip()


def find_share(token: str) -> tuple[Share, Comparison]:
    """Return the share of a token that takes comments, and its comparison. Raises `NotFound`."""
    try:
        share, comparison = sharing.resolve_token(token)
    except Gone as error:
        raise NotFound(NOT_OPEN) from error
    if not share.allow_comments:
        raise NotFound(NOT_OPEN)
    return share, comparison


def list_comments(share: Share) -> NoteQuerySet:
    """Return the comments of a link, oldest first."""
    return Note.objects.filter(share=share).exclude(guest_name="").order_by("created_at", "pk")


def create_comment(token: str, content: NewComment) -> Note:
    """Create a comment on a shared comparison.

    Raises `NotFound`, `InvalidInput`, or `Conflict` if the link has as many as it can have.
    """
    share, comparison = find_share(token)
    with transaction.atomic():
        locked = Share.objects.select_for_update().filter(pk=share.pk).first()
        if locked is None or not locked.is_active or not locked.allow_comments:
            raise NotFound(NOT_OPEN)
        if Note.all_objects.filter(share=share).count() >= MAX_COMMENTS:
            raise Conflict("This link has as many comments as it can have. Ask the sender for a new one.")
        side = content.side or "b"
        video = comparison.video_a if side == "a" else comparison.video_b
        if content.seconds is not None:
            check_times(content.seconds, None, video.duration)
        comment = Note.objects.create(
            owner_id=comparison.owner_id,
            video=video,
            comparison=comparison,
            side=side,
            share=share,
            guest_name=content.name,
            seconds=content.seconds or 0.0,
            is_general=content.seconds is None,
            text=content.text,
        )
        publish_note(comment)
    return comment


def read_name(request: HttpRequest) -> str:
    """Return the name that the visitor gave earlier, or that of the signed-in user."""
    try:
        name = request.get_signed_cookie(NAME_COOKIE, default="", salt=NAME_SALT, max_age=NAME_COOKIE_SECONDS)
    except BadSignature:
        name = ""
    viewer: Viewer = viewer_of(request)
    return clean_text(name or (viewer.user.name if viewer.user else ""), one_line=True)[:MAX_NAME_LENGTH]


def remember_name(request: HttpRequest, response: HttpResponseBase, name: str) -> None:
    """Keep the name of a visitor in a signed cookie, for the next comment."""
    response.set_signed_cookie(
        NAME_COOKIE,
        name,
        salt=NAME_SALT,
        max_age=NAME_COOKIE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )


def build_content(request: HttpRequest, share: Share) -> ComparePanelContent | None:
    """Return the comments of a shared page. None if the link takes no comments."""
    if not share.allow_comments:
        return None
    comments = list(list_comments(share))
    data: dict[str, Any] = {
        "comments": comments,
        "name": read_name(request),
        "is_full": len(comments) >= MAX_COMMENTS,
        "max_name_length": MAX_NAME_LENGTH,
        "max_comment_length": MAX_COMMENT_LENGTH,
    }
    return ComparePanelContent(data, len(comments))
