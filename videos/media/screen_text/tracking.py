"""Merge the readings of single frames into timed lines."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from videos.media.screen_text.recognition import Box, Picture, ReadLine
from videos.media.screen_text.texts import (
    SURE_CONFIDENCE,
    fold_text,
    has_other_digits,
    is_same_text,
    measure_similarity,
)

MIN_CONFIDENCE = 0.8  # of a line that is kept; tuned on the benchmark
MIN_CONFIDENCE_ONCE = 0.93  # of a line that was read in one frame only
MIN_LETTERS = 2  # of a line, except in scripts where one character is a word
MIN_SIMILARITY = 0.75  # of two uncertain readings of one line at the same place
MIN_BEGINNING = 4  # letters of a line that is written letter by letter
MAX_GAP_SECONDS = 1.0  # in which a line is not found although it is visible
MIN_OVERLAP = 0.3  # intersection over union of two boxes at the same place


@dataclass(frozen=True, slots=True)
class ScreenLine:
    """A line of text and when it is visible, in seconds, half-open. `confidence` is from 0 to 1."""

    start: float
    end: float
    text: str
    box: Box
    confidence: float

    def as_dict(self) -> dict[str, object]:
        return {
            "start": round(self.start, 3),
            "end": round(self.end, 3),
            "text": self.text,
            "box": [round(value, 4) for value in self.box],
            "confidence": self.confidence,
        }


@dataclass(slots=True)
class Track:
    """A line that is visible: its readings, the latest box and the pixels in it."""

    start: float
    last_seen: float
    readings: list[ReadLine]
    crop: Picture | None = field(default=None, repr=False)

    @property
    def latest(self) -> ReadLine:
        return self.readings[-1]

    def choose_reading(self) -> ReadLine:
        """Return the text with the greatest sum of confidences, as it was read best."""
        votes: defaultdict[str, float] = defaultdict(float)
        for reading in self.readings:
            votes[reading.text] += reading.confidence
        text = max(votes, key=lambda each: (votes[each], len(each)))
        return max((each for each in self.readings if each.text == text), key=lambda each: each.confidence)

    def end_at(self, end: float) -> ScreenLine | None:
        """Return the line that ends at `end`. None if the readings are too uncertain."""
        best = self.choose_reading()
        needed = MIN_CONFIDENCE if len(self.readings) > 1 else MIN_CONFIDENCE_ONCE
        if best.confidence < needed or not is_text(best.text) or end <= self.start:
            return None
        return ScreenLine(self.start, end, best.text, best.box, best.confidence)


def is_text(text: str) -> bool:
    """Return whether a reading can be a word rather than a shape that looks like a letter."""
    letters = [letter for letter in text if letter.isalnum()]
    return len(letters) >= MIN_LETTERS or any(unicodedata.category(letter) == "Lo" for letter in letters)


def is_same_line(one: ReadLine, other: ReadLine) -> bool:
    """Return whether two readings are of the same line, which may be fading or still be written letter by letter."""
    confidence = min(one.confidence, other.confidence)
    if is_same_text(one.text, other.text, confidence):
        return True
    if has_other_digits(one.text, other.text):
        return False
    shorter, longer = sorted((fold_text(one.text), fold_text(other.text)), key=len)
    if len(shorter) >= MIN_BEGINNING and longer.startswith(shorter):
        return True
    return confidence < SURE_CONFIDENCE and measure_similarity(one.text, other.text) >= MIN_SIMILARITY


def measure_overlap(first: Box, second: Box) -> float:
    """Return the intersection over union of two boxes."""
    wide = min(first[0] + first[2], second[0] + second[2]) - max(first[0], second[0])
    high = min(first[1] + first[3], second[1] + second[3]) - max(first[1], second[1])
    if wide <= 0 or high <= 0:
        return 0.0
    shared = wide * high
    return shared / (first[2] * first[3] + second[2] * second[3] - shared)


def match_readings(readings: Sequence[ReadLine], tracks: Sequence[Track]) -> dict[int, int]:
    """Return the track of each reading that continues one, by their places in the sequences."""
    pairs = []
    for index, reading in enumerate(readings):
        for place, track in enumerate(tracks):
            overlap = measure_overlap(reading.box, track.latest.box)
            is_same = is_same_line(reading, track.latest) if overlap >= MIN_OVERLAP else _has_moved(reading, track)
            if is_same:
                pairs.append((measure_similarity(reading.text, track.latest.text) + overlap, index, place))
    matched: dict[int, int] = {}
    for _, index, place in sorted(pairs, reverse=True):
        if index not in matched and place not in matched.values():
            matched[index] = place
    return matched


def _has_moved(reading: ReadLine, track: Track) -> bool:
    """Return whether a line is at another place with the same text, such as a line of credits."""
    return is_text(reading.text) and fold_text(reading.text) == fold_text(track.latest.text)


def merge_lines(lines: Iterable[ScreenLine]) -> list[ScreenLine]:
    """Return the lines in order of time. Lines with the same text and place and a short gap between them become one.

    A line during which another one is at the same place is left out, because one frame was read with mistakes.
    """
    merged: list[ScreenLine] = []
    recent: list[int] = []  # places in `merged` that a later line may continue
    for line in sorted(lines, key=lambda each: (each.start, each.box[1], each.box[0])):
        recent = [place for place in recent if merged[place].end + MAX_GAP_SECONDS >= line.start]
        for place in recent:
            earlier = merged[place]
            is_near = measure_overlap(earlier.box, line.box) >= MIN_OVERLAP
            if is_near and is_same_text(earlier.text, line.text, min(earlier.confidence, line.confidence)):
                best = max(earlier, line, key=lambda each: each.confidence)
                merged[place] = ScreenLine(
                    earlier.start, max(earlier.end, line.end), best.text, best.box, best.confidence
                )
                break
        else:
            recent.append(len(merged))
            merged.append(line)
    return _remove_misreadings(merged)


def _remove_misreadings(lines: list[ScreenLine]) -> list[ScreenLine]:
    """Leave out lines during which another line is at the same place: one frame was read with mistakes."""
    kept: list[ScreenLine] = []
    recent: list[ScreenLine] = []
    for line in lines:
        recent = [other for other in recent if other.end > line.start]
        if not any(line.end <= other.end and measure_overlap(line.box, other.box) >= MIN_OVERLAP for other in recent):
            kept.append(line)
        recent.append(line)
    return kept
