"""Tell what changed between two videos."""

from collections.abc import Iterator

from chat.agents.events import Event, Part, Progress, Text
from chat.agents.task import Task
from chat.agents.work.local import add_hint
from chat.answering.changes import describe_changes

CHOOSE_TWO = (
    "Choose two videos that were compared, or ask on the page of a comparison. Compare two videos under Compare first."
)
RULES = (
    "Tell an editor what changed between video A, the earlier version, and video B, the later one. Group what belongs "
    "together, most important first, in Markdown. After each statement, cite the difference that supports it by its "
    "label. Cite only labels that you were given. Answer the request in its language."
)


def tell_changes(task: Task) -> Iterator[Event]:
    """List the differences of a comparison, or have a hosted model describe them."""
    if not task.comparison_id:
        yield Text(CHOOSE_TWO)
        return
    yield Progress("Reading the comparison")
    yield Part({"type": "comparison", "comparison_id": task.comparison_id})
    if task.is_local or not task.differences:
        yield from map(Text, describe_changes(task.differences))
        if task.differences:
            yield Text(add_hint("group the differences and say what they mean"))
        return
    sources = [difference.as_source() for difference in task.differences]
    yield from map(Text, task.ask(RULES, task.question or "What changed?", sources))
