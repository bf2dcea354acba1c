"""Find names with Presidio and a spaCy model, where both are installed. Sage installs neither."""

from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from typing import Any

from chat.personal_data.kinds import Finding, PersonalKind

SIZES = ("lg", "md", "sm")  # of a spaCy model, the best first
SOURCES = ("core_web", "core_news")
PIECE = 50_000  # characters that a model reads at once; spaCy refuses more than a million


def recognize_names(text: str, language: str = "") -> Iterator[Finding]:
    """Yield the names that a spaCy model of `language` (English without one) finds; nothing where none is installed.

    This loads the model, which takes seconds and hundreds of megabytes. Only workers call it.
    """
    code = language.partition("-")[0].lower() or "en"
    if not (analyzer := _load_analyzer(code)):
        return
    start = 0
    while start < len(text):
        end = start + PIECE
        if end < len(text):
            end = max(text.rfind(" ", start + PIECE // 2, end) + 1, start + PIECE // 2)
        for result in analyzer.analyze(text=text[start:end], entities=["PERSON"], language=code):
            yield Finding(PersonalKind.NAME, start + result.start, start + result.end)
        start = end


@cache
def _load_analyzer(code: str) -> Any:
    """Return Presidio's analyzer for a language, or None."""
    names = [f"{code}_{source}_{size}" for size in SIZES for source in SOURCES]
    model = next((name for name in names if find_spec(name)), None)
    if not (model and find_spec("presidio_analyzer") and find_spec("spacy")):
        return None
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    configuration = {"nlp_engine_name": "spacy", "models": [{"lang_code": code, "model_name": model}]}
    engine = NlpEngineProvider(nlp_configuration=configuration).create_engine()
    return AnalyzerEngine(nlp_engine=engine, supported_languages=[code])
