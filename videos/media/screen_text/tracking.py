"""Merge the readings of single frames into timed lines."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from videos.media.screen_text.recognition import Box, Picture, ReadLine

MIN_CONFIDENCE = 0.8  # of a line that is kept; tuned on the benchmark
MIN_CONFIDENCE_ONCE = 0.93  # of a line that was read in one frame only
MIN_LETTERS = 2  # of a line, except in scripts where one character is a word
MIN_SIMILARITY = 0.6  # of two readings of one line at the same place
MIN_MOVING_SIMILARITY = 0.8  # of two readings of one line that has moved
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


def fold(text: str) -> str:
    """Return the letters and digits of a text without case, accents of compatibility and spaces."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())


def is_text(text: str) -> bool:
    """Return whether a reading can be a word rather than a shape that looks like a letter."""
    letters = fold(text)
    return len(letters) >= MIN_LETTERS or any(unicodedata.category(letter) == "Lo" for letter in letters)


def measure_similarity(first: str, second: str) -> float:
    """Return the share of letters that two texts have in common, in order, from 0 to 1."""
    one, other = fold(first), fold(second)
    if one == other:
        return 1.0 if one else 0.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


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
            if overlap < MIN_OVERLAP and len(reading.text) < MIN_LETTERS:
                continue
            similarity = measure_similarity(reading.text, track.latest.text)
            if similarity >= (MIN_SIMILARITY if overlap >= MIN_OVERLAP else MIN_MOVING_SIMILARITY):
                pairs.append((similarity + overlap, index, place))
    matched: dict[int, int] = {}
    for _, index, place in sorted(pairs, reverse=True):
        if index not in matched and place not in matched.values():
            matched[index] = place
    return matched


def merge_lines(lines: Iterable[ScreenLine]) -> list[ScreenLine]:
    """Return the lines in order of time. Lines with the same text and place and a short gap between them become one."""
    merged: list[ScreenLine] = []
    recent: list[int] = []  # places in `merged` that a later line may continue
    for line in sorted(lines, key=lambda each: (each.start, each.box[1], each.box[0])):
        recent = [place for place in recent if merged[place].end + MAX_GAP_SECONDS >= line.start]
        for place in recent:
            earlier = merged[place]
            is_near = measure_overlap(earlier.box, line.box) >= MIN_OVERLAP
            if is_near and measure_similarity(earlier.text, line.text) >= MIN_MOVING_SIMILARITY:
                best = max(earlier, line, key=lambda each: each.confidence)
                merged[place] = ScreenLine(
                    earlier.start, max(earlier.end, line.end), best.text, best.box, best.confidence
                )
                break
        else:
            recent.append(len(merged))
            merged.append(line)
    return merged
