"""What each stage of a comparison knows of a pair: frozen, and built from the result of the stage before."""

from dataclasses import dataclass, replace
from typing import Self

from videos.diff.alignment.corrections.cuts import ChangedSpan
from videos.diff.alignment.evidence.mismatch_cost import MismatchCost
from videos.diff.alignment.outline import MatchedPart, Part, subtract_spans
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.realign import LocalDoubt
from videos.diff.changes.meter import ChangeMeter
from videos.diff.changes.score_maps import ScoreMap
from videos.diff.changes.segments import DraftSegment, is_doubtful, segment_of
from videos.diff.changes.spans import MarkedSpan
from videos.diff.noise.model import NoiseModel
from videos.diff.noise.scores import Thresholds
from videos.diff.sampling.descriptor import SampledVideo
from videos.diff.script.edit_script import Span
from videos.diff.script.stored import StoredTransform

CLEAN_THRESHOLD = 0.1  # distance that counts as a change between two videos without noise
MAX_DOUBT_SHARE = (
    0.25  # share of the cells up to which a change may be a part that moves on while the rest stands still
)
MIN_SAVED_SECONDS = 0.3  # seconds of changes that each additional part must save
SAME_OFFSET_SECONDS = 0.02  # seconds of B by which the time maps of a run and of its part may differ


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """Two videos, the transforms between them, and the runs in which they show the same footage.

    `search`: the frame times of the two differ, or its speed is known roughly, so that the partner of a frame is not
    always the nearest in time.
    `retiming`: the factor by which the times of B were multiplied, so that it runs about as fast as A.
    """

    a: SampledVideo
    b: SampledVideo
    transforms: tuple[StoredTransform, ...]
    runs: tuple[Run, ...]
    search: bool
    retiming: float = 1.0

    def without_parts(self, parts: list[MatchedPart]) -> Self:
        """Drop the runs that became these parts, unless none would be left."""
        left = tuple(run for run in self.runs if not any(_became_part(run, part) for part in parts))
        return replace(self, runs=left or self.runs)


@dataclass(frozen=True, slots=True, eq=False)
class Calibrated:
    """An alignment and the noise of the pair: what its encodings alone make of the same footage."""

    aligned: Aligned
    noise: NoiseModel
    limits: Thresholds
    mismatch_cost: MismatchCost

    @property
    def threshold(self) -> float:
        """The distance that counts as a change in this pair."""
        return CLEAN_THRESHOLD * self.limits.strictness

    @property
    def meter(self) -> ChangeMeter:
        aligned = self.aligned
        return ChangeMeter(aligned.a, aligned.b, self.noise, self.limits, aligned.search)


@dataclass(frozen=True, slots=True, eq=False)
class Outlined:
    """The parts of the script in B's order, and the runs that they are made of.

    `repeats` are spans of either side that the other one shows elsewhere. `slope` is the typical speed of A relative
    to B.
    """

    calibrated: Calibrated
    runs: tuple[Run, ...]
    repeats: tuple[Run, ...]
    parts: tuple[Part, ...]
    slope: float


@dataclass(frozen=True, slots=True, eq=False)
class ScoredPart:
    """The score map of a matched part, and the changes in it."""

    score_map: ScoreMap
    marked: list[MarkedSpan]


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """An outline and the changes in each part that is kept or moved."""

    outlined: Outlined
    scores: dict[MatchedPart, ScoredPart]

    @property
    def doubtful_parts(self) -> list[MatchedPart]:
        parts = list(self.outlined.parts)
        return [
            part
            for part, scored in self.scores.items()
            if part.kind == "kept" and is_doubtful(part, parts, scored.marked)
        ]

    def list_doubts(self) -> list[LocalDoubt]:
        """Return the changes in a small part of the picture that a cut may explain."""
        return [
            LocalDoubt(each.span, part.time_map, each.strongest.cells)
            for part, scored in self.scores.items()
            for each in scored.marked
            if not each.is_subthreshold
            and each.strongest.place is None  # no cut explains that a part has more or less detail
            and each.strongest.area <= MAX_DOUBT_SHARE
            and each.span[1] - each.span[0] >= MIN_SAVED_SECONDS
        ]

    def list_changed(self) -> list[ChangedSpan]:
        """Return what differs within the parts."""
        return [
            ChangedSpan(each.span, part.time_map)
            for part, scored in self.scores.items()
            for each in scored.marked
            if not each.is_subthreshold and each.span[1] - each.span[0] >= MIN_SAVED_SECONDS
        ]

    def sum_different(self, span: Span) -> float:
        """Return the seconds of A in a span that differ from B, more than mildly, or that no part matches."""
        marked = (each for scored in self.scores.values() for each in scored.marked)
        changed = [each.span for each in marked if not each.is_subthreshold and not each.is_mild]
        matched = [part.a for part in self.outlined.parts if isinstance(part, MatchedPart)]
        spans = [*changed, *subtract_spans(span, matched)]
        return sum(max(0.0, min(span[1], end) - max(span[0], start)) for start, end in spans)

    def count_parts(self, span: Span) -> int:
        """Return the number of matched parts in a span of A."""
        return sum(part.a[0] < span[1] and part.a[1] > span[0] for part in self.scores)


@dataclass(frozen=True, slots=True, eq=False)
class Drafted:
    """Draft segments of the script, and what holds for the pair as a whole.

    `noise` is None if the videos have no footage in common.
    """

    aligned: Aligned
    drafts: tuple[DraftSegment, ...]
    threshold: float = CLEAN_THRESHOLD
    slope: float = 1.0
    noise: NoiseModel | None = None

    @property
    def has_differences(self) -> bool:
        return any(segment_of(draft).op != "equal" for draft in self.drafts)


def _became_part(run: Run, part: MatchedPart) -> bool:
    overlaps = run.start < part.a[1] and part.a[0] < run.end
    return run.time_map.is_near(part.time_map, part.a, SAME_OFFSET_SECONDS) and overlaps
