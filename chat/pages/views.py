"""Show conversations, and ask with plain forms. Scripts use the API."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts.viewer import Viewer, create_guest, set_guest_cookie, viewer_of
from chat import conversations, questions, search
from chat.models import Conversation, Message
from chat.pages import threads
from chat.pages.forms import QuestionForm, TitleForm
from chat.questions import NewQuestion
from sage.errors import ApplicationError
from sage.limits.client_ip import get_client_network
from videos.library.collections import get_collection
from videos.models import Comparison

MAX_KEPT_LETTERS = 2_000  # of a question in a URL
WAIT = "The transcript is still being created. Nothing was asked. Ask again when it is there."


@require_safe
def conversation_list(request: HttpRequest) -> HttpResponse:
    """Show the conversations and begin a new one, about what the query names: `video`, `comparison`, `collection`."""
    viewer = _viewer_or_guest(request)
    context = {**_build_list(request, viewer), **threads.build_thread(viewer, None), **_read_topics(request, viewer)}
    context["suggestions"] = threads.list_suggestions(context["topic_videos"], context["comparison"])
    if not any(context[name] for name in ("topic_videos", "comparison", "collection")):
        context["starters"] = threads.list_starters(context["choices"])
    context["draft"] = request.GET.get("ask", "")
    return _respond(request, viewer, context)


@require_safe
def conversation_page(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Show a conversation."""
    viewer = _viewer_or_guest(request)
    conversation = conversations.get_conversation(viewer, conversation_id)
    return _respond(request, viewer, _build_page(request, viewer, conversation))


@require_POST
def ask(request: HttpRequest, conversation_id: uuid.UUID | None = None) -> HttpResponse:
    """Ask a question, in a new conversation if none is named. `next` is the page to return to."""
    viewer = _viewer_or_guest(request)
    conversation = conversations.get_conversation(viewer, conversation_id) if conversation_id else None
    form = QuestionForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect(_read_next(request) or _build_url(conversation))
    values = form.cleaned_data
    brought = values["video_ids"]
    try:
        if conversation is None:
            about = {name: values[name] for name in ("comparison_id", "collection_id")}
            conversation = conversations.create_conversation(viewer, video_ids=brought, **about)
            brought = []
        question = NewQuestion(
            text=values["message"],
            address=get_client_network(request),
            video_ids=brought,
            replaces=values["replaces"],
        )
        answer = questions.ask(viewer, conversation, question)
    except questions.NotReady:
        messages.error(request, WAIT)
        answer = None
    except ApplicationError as error:
        messages.error(request, error.message)
        answer = None
    if answer is None and conversation and not Message.all_objects.filter(conversation=conversation).exists():
        conversation.delete()
        conversation = None
    next_url = _read_next(request) or _build_url(conversation)
    if answer is None:
        return _remember(redirect(_keep_question(next_url, values)), viewer)
    return _remember(redirect(next_url if _read_next(request) else f"{next_url}#message-{answer.pk}"), viewer)


@require_POST
def change(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Rename a conversation, or pin or unpin it."""
    conversation = conversations.get_conversation(viewer_of(request), conversation_id)
    if "pinned" in request.POST:
        conversations.change_conversation(conversation, pinned=request.POST["pinned"] == "true")
    form = TitleForm(request.POST)
    if form.is_valid():
        conversations.change_conversation(conversation, title=form.cleaned_data["title"])
    return redirect(_build_url(conversation))


@require_POST
def delete(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Delete a conversation. The list then offers to restore it."""
    conversations.delete_conversation(conversations.get_conversation(viewer_of(request), conversation_id))
    return redirect(f"{reverse('chat:list')}?deleted={conversation_id}")


@require_POST
def restore(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Restore a deleted conversation."""
    try:
        return redirect(_build_url(conversations.restore_conversation(viewer_of(request), conversation_id)))
    except ApplicationError as error:
        if error.status == 404:
            raise Http404 from error
        return redirect("chat:conversation", conversation_id)


@require_POST
def stop(request: HttpRequest, conversation_id: uuid.UUID, message_id: uuid.UUID) -> HttpResponse:
    """Stop an answer and keep what was written."""
    answer = _get_message(request, conversation_id, message_id)
    questions.stop_answer(answer)
    return redirect(_read_next(request) or f"{_build_url(answer.conversation)}#message-{answer.pk}")


@require_POST
def regenerate(request: HttpRequest, conversation_id: uuid.UUID, message_id: uuid.UUID) -> HttpResponse:
    """Write an answer again."""
    answer = _get_message(request, conversation_id, message_id)
    try:
        questions.regenerate(viewer_of(request), answer, get_client_network(request))
    except questions.NotReady:
        messages.error(request, WAIT)
    except ApplicationError as error:
        messages.error(request, error.message)
    return redirect(_read_next(request) or _build_url(answer.conversation))


def _build_page(request: HttpRequest, viewer: Viewer, conversation: Conversation) -> dict[str, Any]:
    thread = threads.build_thread(viewer, conversation)
    videos = conversation.list_videos()
    suggestions = [] if thread["thread_messages"] else threads.list_suggestions(videos, conversation.comparison)
    edited = next((row for row in thread["thread_messages"] if str(row.pk) == request.GET.get("edit")), None)
    return {
        **_build_list(request, viewer),
        **thread,
        "topic_videos": videos,
        "comparison": conversation.comparison,
        "collection": conversation.collection,
        "suggestions": suggestions,
        "draft": request.GET.get("ask", ""),
        "brought": request.GET.getlist("video"),
        "edited": edited if edited and edited.role == Message.Role.USER else None,
    }


def _build_list(request: HttpRequest, viewer: Viewer) -> dict[str, Any]:
    query = request.GET.get("q", "").replace("\0", "").strip()[:500]
    own = Conversation.objects.owned_by(viewer).with_subjects()
    if query:
        found = search.find_conversations(viewer, query)
        rows = sorted(own.filter(pk__in=found), key=lambda row: found.index(row.pk))
        groups = [("Found", rows)] if rows else []
    else:
        groups = threads.group_conversations(list(own[: threads.MAX_LISTED]))
    left, most = threads.count_left(viewer)
    return {
        "groups": groups,
        "query": query,
        "questions_left": left,
        "questions_most": most,
        "choices": threads.list_choices(viewer) if viewer.user else [],
        "deleted_id": _read_id(request.GET.get("deleted", "")),
    }


def _read_topics(request: HttpRequest, viewer: Viewer) -> dict[str, Any]:
    """Return what a new conversation is about. Raises `Http404`."""
    try:
        videos = [conversations.find_video(viewer, text) for text in request.GET.getlist("video")[:20]]
    except ApplicationError as error:
        raise Http404 from error
    comparison = collection = None
    if comparison_id := _read_id(request.GET.get("comparison", "")):
        rows = Comparison.objects.visible_to(viewer).with_videos().defer("script")
        comparison = get_object_or_404(rows, pk=comparison_id)
    if collection_id := _read_id(request.GET.get("collection", "")):
        collection = get_collection(viewer, collection_id)
    return {"topic_videos": videos, "comparison": comparison, "collection": collection}


def _respond(request: HttpRequest, viewer: Viewer, context: dict[str, Any]) -> HttpResponse:
    return _remember(render(request, "chat/page.html", context), viewer)


def _remember(response: HttpResponse, viewer: Viewer) -> HttpResponse:
    if viewer.guest_id:
        set_guest_cookie(response, viewer)
    return response


def _viewer_or_guest(request: HttpRequest) -> Viewer:
    viewer = viewer_of(request)
    return viewer if viewer.is_signed_in or viewer.guest_id else create_guest()


def _keep_question(url: str, values: dict[str, Any]) -> str:
    """Return the URL of a page whose form has a question that was not stored, with its videos."""
    about = [(name, str(values[f"{name}_id"])) for name in ("comparison", "collection") if values[f"{name}_id"]]
    query = [("ask", values["message"][:MAX_KEPT_LETTERS]), *(("video", one) for one in values["video_ids"]), *about]
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"


def _get_message(request: HttpRequest, conversation_id: uuid.UUID, message_id: uuid.UUID) -> Message:
    rows = Message.objects.owned_by(viewer_of(request)).filter(conversation=conversation_id)
    return get_object_or_404(rows.select_related("conversation"), pk=message_id, role=Message.Role.ASSISTANT)


def _build_url(conversation: Conversation | None) -> str:
    return reverse("chat:conversation", args=[conversation.pk]) if conversation else reverse("chat:list")


def _read_next(request: HttpRequest) -> str:
    """Return the page of this site to return to, or an empty string."""
    url = request.POST.get("next", "")
    return url if url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure()) else ""


def _read_id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
