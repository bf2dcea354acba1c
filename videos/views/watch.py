"""Show the page of one video: its player, its timeline and its panels."""

import uuid
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.viewer import Viewer, create_guest, set_guest_cookie, viewer_of
from sage.pages.tabs import Tab, choose_panel
from videos import panels
from videos.library import versions
from videos.library.video_timeline import build_video_timeline
from videos.models import Transcript, Video
from videos.processing import reanalysis
from videos.screen_text import page as screen_text_page
from videos.screen_text import pipeline as screen_text
from videos.transcripts import takeover
from videos.views import transcripts


@require_safe
def video_detail(request: HttpRequest, video_id: uuid.UUID | str) -> HttpResponse:
    """Show the player and the details of one video. Visitors without an account see YouTube videos as guests."""
    viewer = viewer_of(request)
    if isinstance(video_id, str) and not viewer.is_signed_in and not viewer.guest_id:
        viewer = create_guest()
    video = get_object_or_404(Video.objects.visible_to(viewer).with_id(video_id))
    response = render(request, "videos/watch.html", _build_context(request, viewer, video))
    if video.is_youtube:
        csp_update(settings.YOUTUBE_POLICY)(lambda _: response)(request)  # it loads YouTube's player
        if viewer.guest_id:
            set_guest_cookie(response, viewer)  # a known guest keeps it for another year
    return response


def _build_context(request: HttpRequest, viewer: Viewer, video: Video) -> dict[str, Any]:
    transcript_context = transcripts.build_context(video, request.GET.get("language", ""))
    screen_text_context = screen_text_page.build_context(video)
    added = [(panel, panel.build_content(request, viewer, video)) for panel in panels.list_panels()]
    tabs = [(20, Tab("transcript", "Transcript")), (90, Tab("details", "Details"))]
    tabs += [(panel.order, Tab(panel.name, panel.label, _format_count(content.count))) for panel, content in added]
    if not video.is_youtube:
        tabs.append((30, Tab("screen_text", "Text on screen", _format_count(len(screen_text_context["screen_texts"])))))
    shown_tabs = [tab for _, tab in sorted(tabs, key=lambda item: item[0])]
    return {
        "video": video,
        "is_own": video.is_in_library if video.is_youtube else video.owner_id == request.user.pk,
        "tabs": shown_tabs,
        "panel": choose_panel(shown_tabs, request.GET.get("panel")),
        "added_panels": added,
        "mark_rows": [
            (panel.name, panel.label, marks)
            for panel, content in added
            if (marks := panels.place_marks(content.marks, video.duration))
        ],
        "lanes": build_video_timeline(video, transcript_context["chapters"]),
        "jobs": video.jobs.all(),
        "reanalysis": reanalysis.find_job(video),
        "other_videos": Video.objects.owned_by(viewer).ready().exclude(pk=video.pk)[:50],
        "previous_version": versions.get_previous_version(video),
        "version_entries": versions.list_versions(video),
        "takeover": takeover.find_source(video) if video.owner_id == request.user.pk else None,
        **transcript_context,
        "can_edit_cues": _can_edit_cues(viewer, video, transcript_context["transcript"]),
        **screen_text_context,
        "can_read_screen_text": screen_text.can_read(video) and video.owner_id == request.user.pk,
    }


def _format_count(count: int) -> str:
    return f"{count:,}" if count else ""


def _can_edit_cues(viewer: Viewer, video: Video, transcript: Transcript | None) -> bool:
    """Return whether the viewer may correct the lines. Of a YouTube video, only their own transcript is theirs."""
    if transcript is None or viewer.user is None:
        return False
    return (transcript.owner_id if video.is_youtube else video.owner_id) == viewer.user.pk
