"""Speech recognition by OpenAI, against a double that speaks its wire format."""

import io
import json
import wave

import numpy as np
import pytest

from sage.models import ProviderCall
from sage.providers.audio import RATE
from sage.providers.errors import ProviderError
from sage.providers.openai import speech
from sage.providers.protocols import SpokenSegment, Word
from sage.providers.registry import choose_transcriber
from tests.model_servers import Reply

pytestmark = pytest.mark.django_db
SEGMENTS = [
    {"id": 0, "start": 0.5, "end": 2.0, "text": " Good day."},
    {"id": 1, "start": 2.0, "end": 99.0, "text": "Bye."},
]
WORDS = [
    {"word": "Good", "start": 0.5, "end": 1.0},
    {"word": "day", "start": 1.0, "end": 1.5},
    {"word": "Bye", "start": 2.0, "end": 2.5},
]


def answer(segments=SEGMENTS, words=WORDS, language="english"):
    body = {"task": "transcribe", "language": language, "duration": 3.0, "text": "…"}
    return Reply([json.dumps({**body, "segments": segments, "words": words}).encode()])


def read_wav(data):
    """Return the samples of a mono file with 16-bit samples at 16 kHz."""
    with wave.open(io.BytesIO(data)) as reader:
        assert (reader.getnchannels(), reader.getsampwidth(), reader.getframerate()) == (1, 2, RATE)
        return reader.readframes(reader.getnframes())


@pytest.fixture
def audio(tmp_path, monkeypatch, settings, model_vendor):
    """Return a file of 50 s that is quiet only from 20 s to 20.5 s. Requests take 40 s."""
    settings.SPEECH_MODEL = "openai:whisper-1"
    monkeypatch.setattr(speech, "CHUNK_SECONDS", 40)
    samples = np.random.default_rng(1).integers(-9000, 9000, 50 * RATE, np.int16)
    samples[20 * RATE : 20 * RATE + RATE // 2] = 0
    samples.tofile(tmp_path / "speech.pcm")
    return tmp_path / "speech.pcm"


def test_long_audio_is_sent_in_parts_and_the_times_are_moved(audio, model_vendor):
    model_vendor.replies = [answer()]

    result = choose_transcriber().transcribe(audio)

    assert result.language == "en" and len(model_vendor.received) == 1  # the rest is recognised when it is read
    first, last, later, _ = result.segments
    assert first == SpokenSegment(0.5, 2.0, "Good day.", (Word("Good", 0.5, 1.0), Word("day", 1.0, 1.5)))
    assert (last.end, last.words) == (20.25, (Word("Bye", 2.0, 2.5),))  # within its part of the audio
    assert (later.start, later.words[0]) == (20.75, Word("Good", 20.75, 21.25))


def test_each_part_is_a_wav_file_and_later_parts_name_the_language(audio, model_vendor):
    model_vendor.replies = [answer()]

    list(choose_transcriber().transcribe(audio).segments)

    forms = [request.form for request in model_vendor.received]
    assert [form.get("language") for form in forms] == [None, [b"en"]]
    assert forms[0]["timestamp_granularities[]"] == [b"segment", b"word"]
    parts = [read_wav(form["file"][0]) for form in forms]
    assert [len(part) / 2 / RATE for part in parts] == [20.25, 29.75]
    assert b"".join(parts) == audio.read_bytes()
    assert list(ProviderCall.objects.order_by("pk").values_list("audio_seconds", flat=True)) == [20.25, 29.75]


def test_silence_at_the_beginning_does_not_decide_about_the_language(audio, model_vendor):
    model_vendor.replies = [answer([], [], "welsh"), answer(language="german")]

    result = choose_transcriber().transcribe(audio)

    assert result.language == "de"
    assert [segment.start for segment in result.segments] == [20.75, 22.25]


def test_audio_without_speech_has_no_segments(audio, tmp_path, model_vendor):
    model_vendor.replies = [answer([], [])]
    (tmp_path / "empty.pcm").touch()

    for path in (audio, tmp_path / "empty.pcm"):
        result = choose_transcriber().transcribe(path)
        assert (result.language, list(result.segments)) == ("", [])


def test_a_language_that_is_known_is_sent(audio, model_vendor):
    model_vendor.replies = [answer(language="french")]

    result = choose_transcriber().transcribe(audio, "fr")

    assert (result.language, len(list(result.segments))) == ("fr", 4)
    assert model_vendor.received[0].form["language"] == [b"fr"]


def test_a_failure_in_a_later_part_is_raised_while_the_segments_are_read(audio, model_vendor):
    model_vendor.replies = [answer(), Reply(status=500)]
    segments = choose_transcriber().transcribe(audio).segments

    assert [next(segments).text, next(segments).text] == ["Good day.", "Bye."]
    with pytest.raises(ProviderError, match="OpenAI is unavailable"):
        next(segments)
    assert len(model_vendor.received) == 4


def test_a_model_that_reports_no_times_is_an_error(audio, model_vendor):
    model_vendor.replies = [Reply([b'{"text": "Good day."}'])]

    with pytest.raises(ProviderError, match="cannot read"):
        choose_transcriber().transcribe(audio)
