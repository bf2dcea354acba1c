"""Export a conversation as Markdown."""

import re
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from chat.answering.evidence import TIME
from chat.models import Conversation, Message

CITATION = re.compile(rf"\[({TIME})\](?!\()")
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


def link_citations(message: Message, site: str) -> str:
    """Return the content of a message with its citations as Markdown links, in the order of `metadata.citations`."""
    citations = iter(message.citations)

    def link(match: re.Match[str]) -> str:
        citation = next(citations, None)
        if citation is None:
            return match[0]
        path = reverse("videos:watch", args=[citation["video_id"]])
        query = urlencode({"t": f"{citation['start']:.2f}"})
        return f"[{match[1]}]({site.rstrip('/')}{path}?{query})"

    return CITATION.sub(link, message.content)
