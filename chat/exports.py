"""Export a conversation as Markdown."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from chat.models import Conversation, Message
from chat.rendering import link_citations

NAMES = {Message.Role.USER: "You", Message.Role.ASSISTANT: "Sage"}


def export_markdown(conversation: Conversation, site: str) -> HttpResponse:
    """Return a download of a conversation. Citations link to their seconds below the address `site`."""
    parts = [f"# {conversation.title}\n"]
    for message in Message.objects.filter(conversation=conversation).defer("vector"):
        parts.append(f"## {NAMES[Message.Role(message.role)]}, {message.created_at:%Y-%m-%d %H:%M} UTC\n")
        parts.append(f"{link_citations(message, site)}\n")
    name = f"{slugify(conversation.title)[:60] or 'conversation'}.md"
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    return HttpResponse("\n".join(parts), content_type="text/markdown; charset=utf-8", headers=headers)
