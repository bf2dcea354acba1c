"""The socket `/ws/videos/`: progress of the user's videos and comparisons.

It sends `{video_id, job, status, progress}` and `{comparison_id, status, progress}`. With `?balance=1` it also sends
`{token_balance, held, number}` whenever the balance changes. Pages use `/ws/events/` (see `accounts.consumers`).
"""

from typing import Any

from django.http import QueryDict

from accounts.consumers import SignedInConsumer
from billing.ledger import BALANCE
from sage.events import Topic
from videos.topics import WORK


class VideosConsumer(SignedInConsumer):
    """Send events without an envelope and ignore messages of the client."""

    def list_initial_topics(self) -> list[Topic]:
        query = QueryDict(self.scope["query_string"])
        return [WORK, BALANCE] if query.get("balance") == "1" else [WORK]

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any) -> None:
        """Ignore the message."""

    async def topic_event(self, event: dict[str, Any]) -> None:
        """Send an event to the client."""
        await self.send_json(event["message"])
