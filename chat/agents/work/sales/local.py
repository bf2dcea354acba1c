"""Make the four parts from what is recognised by cue words, without a language model. Everything is quoted."""

from collections.abc import Iterator, Sequence
from typing import Any

from chat.agents.task import Subject, Task
from chat.agents.work.local import pick_central
from chat.agents.work.sales.cues import CUES, STRATEGIES, TECHNIQUES
from chat.agents.work.sales.examples import MIN_EXAMPLES, MIN_TYPES, Example, choose_examples
from chat.agents.work.sales.findings import Exchange, Findings, Found, name_language
from chat.agents.work.sales.part import Made, PartFailed
from chat.agents.work.sales.schema import ROOT
from chat.personal_data.removal import remove_personal_data
from sage.durations import format_timestamp
from videos.transcripts.passages import Sentence

CENTRAL_SENTENCES = 5
MAX_QUOTES = 3  # of a technique
MAX_ITEMS = 20  # of a list of the structured data
MIN_QUOTE_LETTERS = 20  # of a technique's training example
NOTHING_FOUND = (
    "Nothing in the transcript was recognised as sales talk, so there is nothing to build a voice prompt from. A "
    "hosted model may find more."
)
TOO_FEW = (
    "{count} can be taken from the transcript, and training data need at least {least} of {types} types. They are not "
    "made up. Use a longer conversation, or ask the operator for a hosted model."
)


def write_analysis(task: Task, subject: Subject, findings: Findings) -> Made:
    """Return an analysis that quotes the transcript and says what was not found."""
    return Made("\n\n".join(_list_sections(task, subject, findings)))


def _list_sections(task: Task, subject: Subject, findings: Findings) -> Iterator[str]:
    length = f" lasts {format_timestamp(subject.duration)}" if subject.duration else ""
    language = name_language(findings.language)
    count = len(subject.sentences)
    sentences = "1 sentence" if count == 1 else f"{count} sentences"
    yield (
        f"### Summary\n\n“{subject.title}”{length}{' and' if length else ''} has {sentences}, "
        f"{findings.question_count} of them questions. The transcript is in {language}."
    )
    if not findings.is_known:
        known = ", ".join(name_language(code) for code in CUES)
        yield (
            f"Sage recognises sales talk by words in these languages: {known}. In this transcript, it looked only for "
            "questions, figures and typical sentences."
        )
    chosen = pick_central(task, subject.sentences, CENTRAL_SENTENCES)
    yield "\n".join(f"- {_quote(subject, sentence)}" for sentence in chosen)
    yield f"### Sales techniques\n\n{_list_found(subject, findings.techniques, TECHNIQUES, findings)}"
    yield f"### Communication strategies\n\n{_list_found(subject, findings.strategies, STRATEGIES, findings)}"
    rows = [_describe_exchange(subject, exchange) for exchange in findings.objections[:MAX_ITEMS]]
    yield f"### Objection handling\n\n{chr(10).join(rows) or 'No objection was recognised.'}"


def _list_found(subject: Subject, found: Sequence[Found], names: dict[str, str], findings: Findings) -> str:
    rows = [
        f"- **{one.name}** ({len(one.sentences)}): {one.description} "
        + " ".join(_quote(subject, sentence) for sentence in one.sentences[:MAX_QUOTES])
        for one in found
    ]
    missing = [name for name in names if name not in [one.name for one in found]]
    if findings.is_known and missing:
        rows.append(f"\nNot recognised: {', '.join(missing)}.")
    return "\n".join(rows).strip() or "None was recognised."


def _describe_exchange(subject: Subject, exchange: Exchange) -> str:
    answer = " ".join(_quote(subject, sentence) for sentence in exchange.answer)
    return f"- Objection: {_quote(subject, exchange.opening)} {f'Response: {answer}' if answer else 'No response.'}"


def _quote(subject: Subject, sentence: Sentence) -> str:
    return f"“{sentence.text}” {subject.cite(sentence).label}"


def list_structured_data(findings: Findings) -> dict[str, Any]:
    """Return the structured data of what was recognised."""
    handled = [
        {
            "objection": exchange.opening.text,
            "response": exchange.answer_text,
            "start": round(exchange.opening.start, 3),
        }
        for exchange in findings.objections
        if exchange.answer
    ]
    return {
        ROOT: {
            "sales_techniques": _list_items(findings.techniques),
            "communication_strategies": _list_items(findings.strategies),
            "objection_handling": handled[:MAX_ITEMS],
            "key_metrics": list(findings.metrics),
        }
    }


def _list_items(found: Sequence[Found]) -> list[dict[str, Any]]:
    rows = [
        {"name": one.name, "description": one.description, "quote": row.text, "start": round(row.start, 3)}
        for one in found
        for row in one.sentences[:MAX_QUOTES]
    ]
    return rows[:MAX_ITEMS]


def write_voice_prompt(subject: Subject, findings: Findings) -> Made:
    """Return instructions for a voice agent with what was said, without personal data. Raises `PartFailed`."""
    if findings.is_empty:
        raise PartFailed("VALIDATION_ERROR", NOTHING_FOUND)
    text = "\n\n".join(_list_instructions(subject, findings))
    return Made(remove_personal_data(text, findings.language).text)


def _list_instructions(subject: Subject, findings: Findings) -> Iterator[str]:
    language = f" Speak {name_language(findings.language)}." if findings.language else ""
    yield f"You are a sales agent who talks with a customer. Follow the conversation “{subject.title}”.{language}"
    for title, found in (("How to speak", findings.strategies), ("What to do", findings.techniques)):
        if found:
            rows = (f"- {one.name}. {one.description} Example: “{one.sentences[0].text}”" for one in found)
            yield "\n".join([f"{title}:", *rows])
    answered = [exchange for exchange in findings.objections if exchange.answer][:MAX_QUOTES]
    if answered:
        rows = (f"- If the customer says “{one.opening.text}”, answer “{one.answer_text}”" for one in answered)
        yield "\n".join(["Objections:", *rows])
    yield (
        "Rules:\n- Ask one question at a time and wait for the answer.\n- State only facts from these instructions. If "
        "you do not know something, say so.\n- Do not ask for personal data that the sale does not need."
    )


def list_examples(findings: Findings) -> list[Example]:
    """Return training examples from sentences that follow each other. Raises `PartFailed` if there are too few."""
    found = [
        *(_build_example(exchange, "objection_handling") for exchange in findings.objections),
        *(_build_example(exchange, "question_answer") for exchange in findings.questions),
        *_list_technique_examples(findings),
    ]
    chosen = choose_examples(found, findings.language)
    if len(chosen) < MIN_EXAMPLES or len({example.type for example in chosen}) < MIN_TYPES:
        count = f"{len(chosen) or 'No'} {'example' if len(chosen) == 1 else 'examples'}"
        raise PartFailed("VALIDATION_ERROR", TOO_FEW.format(count=count, least=MIN_EXAMPLES, types=MIN_TYPES))
    return chosen


def _build_example(exchange: Exchange, kind: str) -> Example:
    return Example(exchange.opening.text, exchange.answer_text, kind, exchange.opening.start, exchange.end)


def _list_technique_examples(findings: Findings) -> Iterator[Example]:
    """Yield how each technique was worded. The input describes it, because the transcript has no question for it."""
    for one in (*findings.techniques, *findings.strategies):
        sentence = max(one.sentences, key=lambda sentence: len(sentence.text))
        if len(sentence.text) >= MIN_QUOTE_LETTERS and findings.is_known:
            request = f"Give an example of the sales technique “{one.name}”. {one.description}"
            yield Example(request, sentence.text, "technique", sentence.start, sentence.end)
