"""Give the composer what it needs to say what a question costs."""

from django import template
from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from billing.operations import Operation
from chat.agents import looking, registry
from chat.models import MAX_VIDEOS
from chat.questions import DEFAULT_AGENT

register = template.Library()


@register.simple_tag
def price_of(operation: str) -> float:
    """Return the price of an operation in tokens: per second of video for `analysis` and `look`, else per call."""
    return settings.PRICES.get(Operation(operation).value, 0)


@register.simple_tag
def max_videos() -> int:
    """Return how many videos a question can bring."""
    return MAX_VIDEOS


@register.simple_tag
def agent_names(user: User | AnonymousUser) -> str:
    """Return the names of the agents that a user, or a guest, may call."""
    return " ".join(agent.name for agent in registry.list_agents(for_guest=not user.is_authenticated))


@register.simple_tag
def looking_agents(user: User | AnonymousUser) -> str:
    """Return the names of the agents for which a hosted model looks at the videos of a user."""
    if not isinstance(user, User) or not looking.has_hosted_model(user.pk):
        return ""
    return " ".join(agent.name for agent in registry.list_agents(for_guest=False) if agent.looks)


@register.simple_tag
def default_agent(user: User | AnonymousUser) -> str:
    """Return the agent that a question with videos calls if it names none. Guests bring no videos."""
    return DEFAULT_AGENT if user.is_authenticated else ""
