"""Measure speech recognition against plain faster-whisper on recordings with known text.

The recordings are those of Debian's package `pocketsphinx-testdata`: five clips of LibriVox, 16 kHz.
`SPEECH_RECORDINGS` names another folder with `*.wav` and a file `transcription` in the same format.
"""

import os
import re
import statistics
import tempfile
import time
import wave
from pathlib import Path

from faster_whisper import WhisperModel

from sage.providers.whisper import WhisperTranscriber, find_installed_weights

FOLDER = Path(os.environ.get("SPEECH_RECORDINGS", "/usr/share/pocketsphinx/test/data/librivox"))
ROUNDS = 5  # in turns


def report() -> None:
    """Print the word error rate and the time of both. Says so if the recordings or the weights are missing."""
    recordings = sorted(FOLDER.glob("*.wav"))
    weights = find_installed_weights()
    if not recordings or not weights:
        print("## Speech\n\nNot measured: install pocketsphinx-testdata or set SPEECH_RECORDINGS.\n")
        return
    texts = _read_texts()
    threads = min(4, os.cpu_count() or 1)
    plain = WhisperModel(str(weights), device="cpu", compute_type="int8", cpu_threads=threads)
    sage = WhisperTranscriber("auto")

    def recognise_plainly(path: Path) -> str:
        segments, _ = plain.transcribe(str(path), language="en", vad_filter=True, word_timestamps=True)
        return " ".join(segment.text for segment in segments)

    def recognise(path: Path) -> str:
        with tempfile.NamedTemporaryFile(suffix=".pcm") as samples:
            with wave.open(str(path)) as sound:
                samples.write(sound.readframes(sound.getnframes()))
            samples.flush()
            return " ".join(one.text for one in sage.transcribe(Path(samples.name), "en").segments)

    errors, times = {"sage": 0, "plain": 0}, {"sage": [0.0] * ROUNDS, "plain": [0.0] * ROUNDS}
    seconds, words = 0.0, 0
    for path in recordings:
        with wave.open(str(path)) as sound:
            seconds += sound.getnframes() / sound.getframerate()
        expected = _normalise(texts[path.stem])
        words += len(expected)
        for turn in range(ROUNDS):
            for name, function in (("sage", recognise), ("plain", recognise_plainly)):
                began = time.perf_counter()
                text = function(path)
                times[name][turn] += time.perf_counter() - began
                if turn == 0:
                    errors[name] += count_errors(expected, _normalise(text))
    ratio = statistics.median(one / other for one, other in zip(times["plain"], times["sage"], strict=True))
    print(f"## Speech: {len(recordings)} clips, {seconds:.1f} s, {words} words, {weights.parent.name}\n")
    print("| | word error rate | seconds, median |\n|---|---|---|")
    for name, label in (("sage", "Sage"), ("plain", "plain faster-whisper")):
        print(f"| {label} | {errors[name] / words:.3f} | {statistics.median(times[name]):.2f} |")
    print(f"\nSpeed of Sage as a share of plain faster-whisper: {ratio:.2f} (median of {ROUNDS} turns)\n")


def _read_texts() -> dict[str, str]:
    """Return the text of each recording by its name, from lines such as "<s> text </s> (name)"."""
    lines = (FOLDER / "transcription").read_text().splitlines()
    found = (re.match(r"(.*)\((.*)\)", line) for line in lines)
    return {match[2].strip(): match[1] for match in found if match}


def _normalise(text: str) -> list[str]:
    return re.sub(r"[^a-z' ]", " ", re.sub(r"</?s>", " ", text.lower())).split()


def count_errors(expected: list[str], actual: list[str]) -> int:
    """Return how many words must be changed, inserted or deleted (Levenshtein distance)."""
    row = list(range(len(actual) + 1))
    for number, word in enumerate(expected, 1):
        following = [number]
        for index, other in enumerate(actual, 1):
            following.append(min(following[-1] + 1, row[index] + 1, row[index - 1] + (word != other)))
        row = following
    return row[-1]
