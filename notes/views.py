"""Show the notes of the signed-in user, and write them with plain forms."""

import uuid
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.viewer import Viewer, viewer_of
from notes import panel, queries, writing
from notes.ai import queueing
from notes.comparisons.page import build_note_url
from notes.exchange.exports import LABELS, OF_ONE_VIDEO
from notes.forms import NoteForm, ReplyForm
from notes.models import Note
from notes.writing import NewNote
from sage.errors import ApplicationError, Conflict, InvalidInput
from videos.converters import read_video_id
from videos.library.queries import TITLE
from videos.models import Video

NOTES_PER_PAGE = 50


@login_required
@require_safe
def note_list(request: HttpRequest) -> HttpResponse:
    """Show all notes of the user by day."""
    viewer = viewer_of(request)
    video_id, tag, show, author = (request.GET.get(name, "") for name in ("video", "tag", "show", "author"))
    notes = _list_notes(request, video_id, tag, show, author)
    page = Paginator(notes.order_by("-created_at", "pk"), NOTES_PER_PAGE).get_page(request.GET.get("page"))
    own = Note.objects.owned_by(viewer)
    context = {
        "page": page,
        "video_id": video_id,
        "tag": tag,
        "show": show,
        "author": author,
        "authors": queries.list_authors(own),
        "filters": [("", "All"), ("open", "Open"), ("done", "Done")],
        "tags": queries.list_tags(own),
        "videos": Video.objects.in_library_of(viewer)
        .filter(notes__in=own.order_by().values("pk"))
        .order_by(TITLE)
        .distinct(),
        "exports": [(kind, label) for kind, label in LABELS.items() if kind not in OF_ONE_VIDEO or video_id],
    }
    return render(request, "notes/list.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def video_notes(request: HttpRequest, video_id: uuid.UUID | str) -> HttpResponse:
    """Show the list of notes beside a player alone, which its script loads, or create a note or a reply."""
    viewer = viewer_of(request)
    video = get_object_or_404(Video.objects.visible_to(viewer).with_id(video_id))
    if request.method == "POST":
        return _create_note(request, viewer, video_id, video)
    content = panel.build_content(request, viewer, video)
    return render(request, "notes/_list.html", {"video": video, "panel_data": content.data})


def _create_note(request: HttpRequest, viewer: Viewer, video_id: uuid.UUID | str, video: Video) -> HttpResponse:
    form: NoteForm | ReplyForm = ReplyForm(request.POST) if "reply_to" in request.POST else NoteForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"{next(iter(form.errors.values()))[0]} The note was not saved.")
        return redirect(_build_panel_url(video))
    values: dict[str, Any] = form.cleaned_data
    content = NewNote(
        seconds=values.get("timestamp"),
        end_seconds=values.get("end_timestamp"),
        text=values["text"],
        tags=values.get("tags", []),
        reply_to=values.get("reply_to"),
    )
    try:
        note = writing.create_note_on(viewer, video_id, content)
    except InvalidInput as error:
        messages.error(request, f"{error.message} The note was not saved.")
        return redirect(_build_panel_url(video))
    return _show_panel(request, note)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_note(request: HttpRequest, note_id: uuid.UUID) -> HttpResponse:
    """Edit a note."""
    note = _get_own(request, note_id)
    form = NoteForm(request.POST if request.method == "POST" else None, initial=NoteForm.describe(note))
    if form.is_valid():
        try:
            writing.update_note(note, form.list_changes(note), _read_known_time(request))
        except InvalidInput as error:
            form.add_error(error.details[0]["field"], error.message)
        except Conflict as error:
            form.add_error(None, error.message)
            note = _get_own(request, note_id)
        else:
            return redirect(_build_panel_url(note.video, note, request))
    context = {"note": note, "form": form, "back_url": _build_panel_url(note.video, note, request)}
    return render(request, "notes/edit.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def mark_note(request: HttpRequest, note_id: uuid.UUID) -> HttpResponse:
    """Mark a note as done, or as open."""
    note = _get_own(request, note_id)
    writing.update_note(note, {"done": request.POST.get("done") == "true"})
    return _show_panel(request, note)


@login_required
@require_POST
def retry_note(request: HttpRequest, note_id: uuid.UUID) -> HttpResponse:
    """Have a note written again whose writing has failed."""
    note = _get_own(request, note_id)
    try:
        queueing.retry(note)
    except ApplicationError as error:
        messages.error(request, error.message)
    return _show_panel(request, note)


@login_required
@require_POST
def delete_note(request: HttpRequest, note_id: uuid.UUID) -> HttpResponse:
    """Delete a note. The panel then offers to restore it."""
    note = _get_own(request, note_id)
    writing.delete_note(note)
    if _is_on_comparison(request, note):
        page = reverse("videos:compare", args=[note.comparison_id])
        return redirect(f"{page}?panel=notes&deleted={note.pk}#notes")
    video_id = _read_shown_on(request) or note.video.video_id
    return redirect(f"{reverse('videos:watch', args=[video_id])}?panel=notes&deleted={note.pk}#notes")


@login_required
@require_POST
def restore_note(request: HttpRequest, note_id: uuid.UUID) -> HttpResponse:
    """Restore a deleted note."""
    try:
        note = writing.restore_note(viewer_of(request), note_id)
    except ApplicationError as error:
        if error.status == 404:
            raise Http404 from error
        note = _get_own(request, note_id)
    return redirect(_build_panel_url(note.video, note, request))


def _list_notes(request: HttpRequest, video_id: str, tag: str, show: str, author: str) -> Any:
    try:
        return queries.list_notes(viewer_of(request), read_video_id(video_id), tag, show, author)
    except ApplicationError as error:  # the address names no video
        raise Http404 from error


def _is_on_comparison(request: HttpRequest, note: Note) -> bool:
    """Return whether the request comes from the page of the note's comparison."""
    return note.comparison_id is not None and "compare" in (request.POST.get("page"), request.GET.get("page"))


def _build_panel_url(video: Video, note: Note | None = None, request: HttpRequest | None = None) -> str:
    if note and request and _is_on_comparison(request, note):
        return build_note_url(note)
    path = f"{reverse('videos:watch', args=[video.video_id])}?panel=notes"
    if note is None:
        return f"{path}#notes"
    return f"{path}&t={note.seconds:.2f}#note-{note.reply_to_id or note.pk}"


def _show_panel(request: HttpRequest, note: Note) -> HttpResponse:
    """Return to the note on the version whose page sent the form."""
    thread_id = note.reply_to_id or note.pk
    if video_id := _read_shown_on(request):
        return redirect(f"{reverse('videos:watch', args=[video_id])}?panel=notes&note={thread_id}#note-{thread_id}")
    return redirect(_build_panel_url(note.video, note, request))


def _read_shown_on(request: HttpRequest) -> uuid.UUID | None:
    """Return the upload of `?on=`, the version whose page shows a carried note."""
    with suppress(ValueError):
        return uuid.UUID(request.GET.get("on", ""))
    return None


def _read_known_time(request: HttpRequest) -> datetime | None:
    """Return when the note was changed that the form shows. None if the form does not tell."""
    with suppress(ValueError):
        return datetime.fromisoformat(request.POST.get("known", ""))
    return None


def _get_own(request: HttpRequest, note_id: uuid.UUID) -> Note:
    return get_object_or_404(Note.objects.owned_by(viewer_of(request)).with_people(), pk=note_id)
