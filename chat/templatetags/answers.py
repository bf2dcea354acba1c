"""Render answers in templates."""

from django import template
from django.utils.safestring import SafeString

from chat.models import Message
from chat.rendering import render_answer

register = template.Library()


@register.filter
def answer_html(message: Message, titles: dict[str, str]) -> SafeString:
    """Return the sanitised HTML of an answer with its citations as links. `titles` are those of the videos."""
    return render_answer(message, titles)


@register.filter
def title_of(titles: dict[str, str], video_id: str) -> str:
    """Return the title of a video, or what to say if it was deleted."""
    return titles.get(video_id, "A deleted video")
