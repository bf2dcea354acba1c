"""Recognise the language of texts, and translate the language tags of files to ISO 639-1.

Only workers import this module, because py3langid imports numpy.
"""

import functools
from collections.abc import Iterable
from pathlib import Path

import py3langid
from py3langid.langid import LanguageIdentifier

MIN_PROBABILITY = 0.8  # below it, the language counts as unknown
MIN_LETTERS = 20
SAMPLE_LETTERS = 5_000
# Languages that subtitle streams name by three letters (ISO 639-2, both variants).
THREE_LETTERS = {
    "ara": "ar", "bul": "bg", "cat": "ca", "ces": "cs", "chi": "zh", "cze": "cs", "dan": "da", "deu": "de", "dut": "nl",
    "ell": "el", "eng": "en", "est": "et", "eus": "eu", "fas": "fa", "fin": "fi", "fra": "fr", "fre": "fr", "ger": "de",
    "gre": "el", "heb": "he", "hin": "hi", "hrv": "hr", "hun": "hu", "ind": "id", "ita": "it", "jpn": "ja", "kor": "ko",
    "lav": "lv", "lit": "lt", "nld": "nl", "nor": "no", "per": "fa", "pol": "pl", "por": "pt", "ron": "ro", "rum": "ro",
    "rus": "ru", "slk": "sk", "slo": "sk", "slv": "sl", "spa": "es", "srp": "sr", "swe": "sv", "tha": "th", "tur": "tr",
    "ukr": "uk", "vie": "vi", "zho": "zh",
}  # fmt: skip


def detect_language(texts: Iterable[str]) -> str:
    """Return the language of the texts as ISO 639-1. Empty if it is unclear."""
    sample = ""
    for text in texts:
        sample += text + " "
        if len(sample) > SAMPLE_LETTERS:
            break
    if sum(letter.isalpha() for letter in sample) < MIN_LETTERS:
        return ""
    language, probability = _load_identifier().classify(sample)
    return str(language) if probability >= MIN_PROBABILITY else ""


@functools.cache
def _load_identifier() -> LanguageIdentifier:
    model = Path(py3langid.__file__).parent / "data" / "model.npz.xz"
    return LanguageIdentifier.from_modelpath(model, norm_probs=True)


def normalise_language(tag: str) -> str:
    """Return a language tag such as "eng", "en-GB" or "und" as ISO 639-1. Empty if it is unknown."""
    code = tag.strip().lower().replace("_", "-").partition("-")[0]
    return THREE_LETTERS.get(code, code if len(code) == 2 and code.isalpha() else "")
