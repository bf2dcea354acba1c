"""The socket that keeps pages live: where one's own videos and comparisons stand.

It says `{video_id, job, status, progress}` and `{comparison_id, status, progress}`; where it was opened with
`?balance=1`, as pages do, also `{token_balance, held, number}` whenever that changes.
"""

from typing import Any

from django.http import QueryDict

from accounts.presence import SignedInConsumer
from sage.events import About, group_of


class VideosConsumer(SignedInConsumer):
    """Says nothing but news; what a client sends is not listened to."""

    def joins(self) -> list[str]:
        asked = QueryDict(self.scope["query_string"])
        about = [About.WORK, About.BALANCE] if asked.get("balance") == "1" else [About.WORK]
        return [group_of(self.user.pk, each) for each in about]

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any) -> None:
        """Nothing is expected here."""

    async def news(self, event: dict[str, Any]) -> None:
        await self.send_json(event["message"])
