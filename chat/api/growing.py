"""Collect the entries of an answer into what the socket shows of it so far."""

import dataclasses
import json
from typing import Any

from chat.streams import Entry, Kind


@dataclasses.dataclass(slots=True)
class GrowingAnswer:
    """An answer while it is written. `progress` is what its agent reported last."""

    text: str = ""
    progress: str = ""
    citations: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    parts: list[dict[str, Any]] = dataclasses.field(default_factory=list)

    def add(self, entry: Entry) -> None:
        match entry.kind:
            case Kind.TEXT:
                self.text += entry.data
            case Kind.PROGRESS:
                self.progress = entry.data
            case Kind.OUTPUT:
                self.parts.append({"type": "output", "output_id": entry.data})
            case Kind.PART:
                self.parts.append(json.loads(entry.data))
            case Kind.CITATION:
                self.citations.append(json.loads(entry.data))

    def list_content(self, status: str) -> list[dict[str, Any]]:
        """Return the text, or the progress until there is one, and what an agent has made."""
        shown = self.progress if status == "progress" and not self.text else self.text
        return [
            {"type": "text", "text": shown, "status": status},
            *({**part, "status": "success"} for part in self.parts),
        ]
