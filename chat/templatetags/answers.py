"""Render answers in templates."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from chat.models import Message
from chat.outputs.models import Output
from chat.outputs.sections import Section, split_sections
from chat.rendering import build_citation_url, render_answer

register = template.Library()


@register.filter
def answer_html(message: Message, titles: dict[str, str]) -> SafeString:
    """Return the sanitised HTML of an answer with its citations as links. `titles` are those of the videos."""
    return render_answer(message, titles)


@register.filter
def output_html(output: Output) -> SafeString:
    """Return the sanitised HTML of an output with its citations as links."""
    return render_answer(output, {})


@register.filter
def title_of(titles: dict[str, str], video_id: str) -> str:
    """Return the title of a video, or what to say if it was deleted."""
    return titles.get(video_id, "A deleted video")


@register.filter
def moment_url(moment: dict[str, Any]) -> str:
    """Return the address of a moment {video_id, start}."""
    return build_citation_url(moment["video_id"], moment["start"])


@register.filter
def sections_of(message: Message, made: dict[str, Output]) -> list[Section]:
    """Return the sections of a message that shows several outputs, with those that still exist."""
    return split_sections(message, made)


@register.filter
def outputs_of(made: dict[str, Output], message: Message) -> list[Output]:
    """Return the outputs of a message that still exist."""
    ids = message.metadata.get("outputs", ())
    return [made[output_id] for output_id in ids if output_id in made]
