"""Transcripts to ask about, and what the streams of answers hold."""

import asyncio
import json

from videos.transcripts.cues import TimedText
from videos.transcripts.storage import replace_transcript

LINES = (
    "Welcome to the old harbour.",
    "The harbour opens at six in the morning.",
    "Fishing boats leave before sunrise.",
    "Tickets for the lighthouse cost four euros.",
    "The museum is closed on Mondays.",
)


def add_transcript(video, lines=LINES, seconds=5.0):
    """Store a transcript in which each line lasts `seconds`."""
    cues = [TimedText(place * seconds, (place + 1) * seconds, text) for place, text in enumerate(lines)]
    transcript = replace_transcript(video, "uploaded", cues, "en")
    video.jobs.update(status="completed")
    return transcript


def read_events(response):
    """Return the events of a stream: pairs of the number and the data, as JSON where it is."""

    async def read():
        return b"".join([part async for part in response.streaming_content]).decode()

    events = []
    for block in asyncio.run(read()).split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            data = fields["data"]
            events.append((int(fields["id"]), data if data == "[DONE]" else json.loads(data)))
    return events


def join_content(events):
    return "".join(data["content"] for _, data in events if isinstance(data, dict) and "content" in data)
