"""Build the panel “Ask” on the page of a comparison."""

from django.http import HttpRequest

from accounts.viewer import viewer_of
from chat.models import Conversation
from chat.pages import threads
from videos.comparisons.reviews.panels import ComparePanel, ComparePanelContent
from videos.diff.script.stored import ShownScript
from videos.models import Comparison, Share


def build_content(
    request: HttpRequest, comparison: Comparison, script: ShownScript, share: Share | None
) -> ComparePanelContent | None:
    """Return the viewer's last conversation about a comparison. None for visitors and on shared pages."""
    viewer = viewer_of(request)
    if share is not None or not viewer.is_signed_in:
        return None
    rows = Conversation.objects.owned_by(viewer).filter(comparison=comparison)
    conversation = rows.with_subjects().order_by("-updated_at").first()
    thread = threads.build_thread(viewer, conversation, is_read=request.GET.get("panel") == PANEL.name)
    suggestions = [] if thread["thread_messages"] else threads.list_suggestions([], comparison)
    data = {"can_ask": True, "comparison": comparison, "suggestions": suggestions, "draft": request.GET.get("ask", "")}
    return ComparePanelContent({**thread, **data})


PANEL = ComparePanel(
    name="ask",
    label="Ask",
    order=40,
    template="chat/_panel.html",
    shared_template="chat/_panel.html",
    build_content=build_content,
    scripts=("chat/chat.js", "chat/agents.js"),
    styles=("chat/chat.css", "chat/attachments.css"),
)
