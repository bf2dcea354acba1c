"""Build the panel “Ask” on the page of a video."""

from django.http import HttpRequest

from accounts.viewer import Viewer
from chat.models import Conversation
from chat.pages import threads
from videos.models import Video
from videos.panels import PanelContent, WatchPanel


def build_content(request: HttpRequest, viewer: Viewer, video: Video) -> PanelContent:
    """Return the viewer's last conversation about this video alone, to go on with."""
    conversation = find_conversation(viewer, video)
    thread = threads.build_thread(viewer, conversation, is_read=request.GET.get("panel") == PANEL.name)
    data = {
        **thread,
        "can_ask": viewer.is_signed_in or bool(viewer.guest_id),
        "topic_videos": [video],
        "draft": request.GET.get("ask", ""),
        "suggestions": [] if thread["thread_messages"] else threads.list_suggestions([video]),
    }
    return PanelContent(data)


def find_conversation(viewer: Viewer, video: Video) -> Conversation | None:
    """Return the conversation about one video alone that was used last."""
    rows = Conversation.objects.owned_by(viewer).filter(topics__video=video, comparison=None, collection=None)
    alone = rows.exclude(topics__position__gt=0)
    return alone.with_subjects().order_by("-updated_at").first()


PANEL = WatchPanel(
    name="ask",
    label="Ask",
    order=25,
    template="chat/_panel.html",
    build_content=build_content,
    scripts=("chat/chat.js", "chat/agents.js"),
    styles=("chat/chat.css", "chat/attachments.css"),
)
