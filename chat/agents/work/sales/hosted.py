"""Have a hosted model make the four parts, with one request for each, and one more if its JSON is invalid."""

from collections.abc import Callable, Generator, Sequence
from typing import Any, TypeVar

from chat.agents.events import Event, Progress
from chat.agents.task import Subject, Task
from chat.agents.work.sales.document import HEADINGS, unwrap_fence
from chat.agents.work.sales.examples import Example, read_examples
from chat.agents.work.sales.part import Made, PartFailed
from chat.agents.work.sales.schema import InvalidAnswer, check_analysis_data, parse_json
from chat.agents.work.sales.windows import choose_windows
from chat.answering.citations import clean_text
from chat.answering.evidence import LABEL_LIKE
from chat.personal_data.removal import remove_personal_data
from sage.providers.protocols import ChatSource

T = TypeVar("T")
Making = Generator[Event, None, T]
ALL = (
    "The passages are the transcript of a sales conversation, or excerpts of it in order of time. Use only what they "
    "say, and make nothing up. If something does not occur, say so. Write in the language of the transcript, unless "
    "the request names another one."
)
ANALYSIS = (
    f"Analyse a sales conversation for a person who trains salespeople. {ALL} Write Markdown with the headings “### "
    "Summary”, “### Sales techniques”, “### Communication strategies”, “### Objection handling” and “### Guidelines "
    "for a voice agent”. Quote what was said. After each statement, cite the passage by its label, such as [1:05]. "
    "Cite only labels that you were given."
)
STRUCTURED = (
    f"Extract structured data from a sales conversation. {ALL} Answer with one JSON object and nothing else: "
    '{"analysis_data": {"sales_techniques": [{"name", "description", "quote", "passage"}], "communication_strategies": '
    '[{"name", "description", "quote", "passage"}], "objection_handling": [{"objection", "response", "passage"}], '
    '"key_metrics": [{"name", "value"}]}}. All four lists are needed, and may be empty. “quote” is word for word, '
    "“passage” is the label of a passage. Key metrics are figures that are named or that you can count. Ignore the "
    "rule to write labels after statements."
)
VOICE = (
    f"Write the instructions of a voice agent that sells as it is done in a conversation. {ALL} Cover the role, the "
    "style, how to open, questions to ask, techniques with wording that was used, answers to objections, how to close, "
    "and what not to do. Write plain text for a language model, without labels and without names or contact data of "
    "people. Answer with the instructions and nothing else. Ignore the rule to write labels after statements."
)
TRAINING = (
    f"Make training examples for a model that sells as it is done in a conversation. {ALL} Answer with one JSON object "
    'and nothing else: {"examples": [{"input", "output", "type", "passages"}]}. Give 5 to 10 examples of several '
    "types, such as question_answer, objection_handling, discovery, value_proposition and closing. An input is what a "
    "customer says or asks, an output the whole answer of the salesperson. Each example must be understandable without "
    "the conversation and without the other examples. “passages” lists the labels of the passages that it is taken "
    "from. Leave out names, addresses, numbers and other data of people. Do not repeat yourself. Ignore the rule to "
    "write labels after statements."
)
REPAIR = (
    "{request}\n\nYour earlier answer, which is among the passages, cannot be used:\n{errors}\n\nWrite the whole "
    "answer again, correctly, as one JSON object and nothing else."
)
BROKEN = (
    "The model gave no valid {part}, also when it was asked to correct them. The other parts are kept. Answer again to "
    "retry."
)
EMPTY = "The model gave no answer for this part. The other parts are kept. Answer again to retry."
MAX_REPEATED_LETTERS = 12_000  # of an invalid answer that the model reads again


class HostedMaker:
    """Ask a hosted model for the parts of one video. All methods may raise `ProviderError` and `PartFailed`."""

    def __init__(self, task: Task, subject: Subject, language: str) -> None:
        self._task, self._subject, self._language = task, subject, language
        chosen = choose_windows(subject.sentences)
        self.read_count = len(chosen)
        citables = [subject.cite(sentence) for sentence in chosen]
        title = ChatSource("[video]", f"The title of this video: {subject.title}")
        self._sources = [title, *(citable.as_source() for citable in citables)]
        self._spans = {citable.label.strip("[]"): (citable.start, citable.end) for citable in citables}

    def write_analysis(self) -> Made:
        return Made(self._ask_text(ANALYSIS, "Analyse this conversation."))

    def write_voice_prompt(self) -> Made:
        text = self._ask_text(VOICE, "Write the instructions.")
        return Made(remove_personal_data(LABEL_LIKE.sub(r"(\1)", text), self._language).text)

    def extract_structured_data(self) -> Making[dict[str, Any]]:
        starts = {label: round(start, 3) for label, (start, _) in self._spans.items()}

        def read(answer: str) -> dict[str, Any]:
            return check_analysis_data(parse_json(answer), starts)

        return (yield from self._ask_json("structured_data", STRUCTURED, "Extract the data.", read))

    def make_examples(self) -> Making[Sequence[Example]]:
        def read(answer: str) -> Sequence[Example]:
            return read_examples(parse_json(answer), self._spans, self._language)

        return (yield from self._ask_json("training_data", TRAINING, "Make the examples.", read))

    def _ask_text(self, rules: str, request: str) -> str:
        text = unwrap_fence(clean_text(self._ask(rules, self._build_request(request), self._sources)))
        if not text:
            raise PartFailed("PROVIDER_ERROR", EMPTY)
        return text

    def _ask_json(self, kind: str, rules: str, request: str, read: Callable[[str], T]) -> Making[T]:
        """Return what `read` makes of the answer. If that raises `InvalidAnswer`, the model corrects it once."""
        request = self._build_request(request)
        answer = self._ask(rules, request, self._sources)
        try:
            return read(answer)
        except InvalidAnswer as failure:
            errors = "\n".join(f"- {error}" for error in failure.errors)
        yield Progress(f"Correcting the {HEADINGS[kind].lower()}")
        earlier = ChatSource("[your earlier answer]", clean_text(answer[:MAX_REPEATED_LETTERS]))
        request = REPAIR.format(request=request, errors=errors)
        try:
            return read(self._ask(rules, request, [*self._sources, earlier]))
        except InvalidAnswer as failure:
            raise PartFailed("PROVIDER_ERROR", BROKEN.format(part=HEADINGS[kind].lower())) from failure

    def _build_request(self, request: str) -> str:
        return f"{request} The user adds: {self._task.question}" if self._task.question else request

    def _ask(self, rules: str, request: str, sources: Sequence[ChatSource]) -> str:
        return "".join(self._task.ask(rules, request, sources))
