"""Recognise speech with OpenAI or a compatible server."""

import io
import itertools
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from django.conf.locale import LANG_INFO
from numpy.typing import NDArray

from sage.providers.audio import RATE, find_cut, open_samples
from sage.providers.calls import Caller, VendorCall
from sage.providers.openai.client import open_client
from sage.providers.protocols import SpeechResult, SpokenSegment, Word

CHUNK_SECONDS = 600  # of audio in a request: 19.2 MB, below OpenAI's limit of 25 MB
# OpenAI reports a language by its English name, compatible servers by its code.
LANGUAGES = {
    **{str(info["name"]).lower(): code for code, info in LANG_INFO.items() if len(code) == 2 and "name" in info},
    "chinese": "zh",
    "maori": "mi",
    "norwegian": "no",
    "tagalog": "tl",
}


class OpenAITranscriber:
    """Recognise speech over `/audio/transcriptions`, with the times of segments and words."""

    def __init__(self, name: str, caller: Caller) -> None:
        """Use the model with this name, which must support `verbose_json`, such as whisper-1."""
        self.model = f"openai:{name}"
        self._name = name
        self._caller = caller

    def transcribe(self, audio: Path, language: str = "") -> SpeechResult:
        """Recognise the speech of a file, chunk by chunk. Raises `ProviderError`, also while the segments are read.

        Without `language`, the chunks up to the first one with speech are recognised at once, to detect it.
        """
        chunks = self._recognise(open_samples(audio), language)
        if language:
            return SpeechResult(language, _join(chunks))
        for detected, segments in chunks:
            if segments:
                return SpeechResult(detected, itertools.chain(segments, _join(chunks)))
        return SpeechResult("", iter(()))

    def _recognise(self, samples: NDArray[np.int16], language: str) -> Iterator[tuple[str, list[SpokenSegment]]]:
        """Yield the language and the segments of each chunk. The first language is used for the chunks that follow."""
        start = 0
        while start < len(samples):
            end = find_cut(samples, start, CHUNK_SECONDS)
            detected, segments = self._recognise_chunk(samples[start:end], start / RATE, language)
            if segments:
                language = language or detected
            yield language or detected, segments
            start = end

    def _recognise_chunk(
        self, samples: NDArray[np.int16], offset: float, language: str
    ) -> tuple[str, list[SpokenSegment]]:
        call = VendorCall("OpenAI", self.model, self._caller)
        call.usage.audio_seconds = len(samples) / RATE
        options: Any = {"language": language} if language else {}

        def request() -> tuple[str, list[SpokenSegment]]:
            with open_client(self._caller.key) as client:
                response = client.audio.transcriptions.create(
                    file=("speech.wav", _to_wav(samples), "audio/wav"),
                    model=self._name,
                    response_format="verbose_json",
                    timestamp_granularities=["segment", "word"],
                    **options,
                )
                return _find_language(response.language), _read_segments(response, offset, len(samples) / RATE)

        return call.run(request)


def _join(chunks: Iterator[tuple[str, list[SpokenSegment]]]) -> Iterator[SpokenSegment]:
    for _, segments in chunks:
        yield from segments


def _find_language(name: str) -> str:
    """Return the ISO 639-1 code of a language. Empty if the language is unknown."""
    name = name.lower()
    return name if len(name) == 2 else LANGUAGES.get(name, "")


def _to_wav(samples: NDArray[np.int16]) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()


def _read_segments(response: Any, offset: float, length: float) -> list[SpokenSegment]:
    """Return the segments of a response, whose times are moved by `offset` seconds, each with its words.

    The response lists the words of all segments together. A word belongs to the last segment that has started.
    """

    def place(seconds: float) -> float:
        return round(offset + min(max(float(seconds), 0.0), length), 3)

    spoken = sorted((segment for segment in response.segments if segment.text.strip()), key=lambda each: each.start)
    words: list[list[Word]] = [[] for _ in spoken]
    position = 0
    for word in sorted(response.words or (), key=lambda each: each.start):
        while position + 1 < len(spoken) and spoken[position + 1].start <= word.start:
            position += 1
        if spoken and word.word.strip():
            words[position].append(Word(word.word.strip(), place(word.start), place(word.end)))
    return [
        SpokenSegment(place(segment.start), place(segment.end), segment.text.strip(), tuple(own))
        for segment, own in zip(spoken, words, strict=True)
    ]
