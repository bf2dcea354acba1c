"""Tasks for agents, without a database."""

from chat.agents.events import NewOutput, Part, Text
from chat.agents.task import Subject, Task
from sage.providers import registry
from videos.transcripts.passages import Sentence

HARBOUR = (
    "Welcome to the old harbour.",
    "The harbour opens at six in the morning.",
    "Fishing boats leave before sunrise.",
    "Tickets for the lighthouse cost four euros.",
    "The museum is closed on Mondays.",
)


def build_subject(lines=HARBOUR, seconds=5.0, **fields):
    sentences = [Sentence(place * seconds, (place + 1) * seconds, text) for place, text in enumerate(lines)]
    known = {"video_id": "abcdefghijk", "title": "Harbour tour", "duration": 60.0, "sentences": sentences}
    return Subject(**{**known, **fields})


def build_task(*subjects, **fields):
    return Task(subjects=subjects or [build_subject()], embedder=registry.choose_text_embedder(), **fields)


def join_text(events):
    return "".join(event.text for event in events if isinstance(event, Text))


def list_outputs(events):
    return [event for event in events if isinstance(event, NewOutput)]


def list_parts(events):
    return [event.content for event in events if isinstance(event, Part)]


class ModelDouble:
    """A chat model that writes given pieces and records what it was asked."""

    def __init__(self, *answers, sees=False, error=None):
        self.model, self.sees = "double:model", sees
        self.answers, self.asked, self.error = list(answers), [], error

    def stream(self, messages, sources=(), max_tokens=1024):
        self.asked.append((messages, sources))
        if self.error:
            raise self.error
        yield from self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
