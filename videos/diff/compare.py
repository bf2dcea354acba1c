"""Compare two videos by their fingerprints, with a second look at the files where something differs."""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from videos.diff.align import Run, align, grid_step, one_to_one
from videos.diff.borders import matcher, settle
from videos.diff.changes import Thresholds, Track, changes, thresholds, track
from videos.diff.closer import Closer, Photographer, moments_of, telling_moment
from videos.diff.descriptor import Sampled
from videos.diff.fingerprint import read_fingerprint
from videos.diff.ingest import ingest
from videos.diff.noise import NoiseModel, learn
from videos.diff.outline import Part, outline
from videos.diff.pairing import Indexes, pairs_near, rates_differ, sharpen
from videos.diff.script import Op, Script, Segment
from videos.diff.spans import Marked, Surveyor, frame_of, mark
from videos.media.frames import open_picker

Progress = Callable[[float], None]

THRESHOLD = 0.1  # distance that counts as a change between two clean videos
MOST_DISTANCE = 1.0
LEARN_FROM = 600  # frames, over all runs
MOST_PICTURES = 200
DOUBTFUL_SECONDS = 3.0
DOUBTFUL_SHARE = 0.5
SAME_OFFSET_SECONDS = 0.02

OPS: dict[str, Op] = {"moved": "moved", "replaced": "changed", "inserted": "inserted", "deleted": "deleted"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A segment, and what changed in it where the footage is the same."""

    segment: Segment
    marked: Marked | None = None


def _ignore(_: float) -> None:
    pass


def compare_files(a: str, b: str, *, regions: bool = True, progress: Progress = _ignore) -> dict[str, object]:
    """The script of two video files, as `compare` gives it; leaves nothing behind."""
    with tempfile.TemporaryDirectory(prefix="sage-compare-") as folder:
        prints = []
        for index, path in enumerate((a, b)):
            room = Path(folder) / str(index)
            room.mkdir()
            ingest(path, str(room), lambda share, index=index: progress((index + share) * 0.4))  # type: ignore[misc]
            prints.append(str(room / "fingerprint.bin"))
        return compare(prints[0], prints[1], a, b, regions=regions, progress=lambda share: progress(0.8 + 0.2 * share))


def compare(
    fingerprint_a: str,
    fingerprint_b: str,
    media_a: str,
    media_b: str,
    *,
    regions: bool = True,
    progress: Progress = _ignore,
    pictures: str | None = None,
) -> dict[str, object]:
    """The edit script from A to B, as plain types (see Script.as_dict).

    The media files are opened only where something differs: for exact boxes, unless `regions` is off, and for
    pictures `00000-a.jpg` and `00000-b.jpg` of each differing segment, where `pictures` names a folder.
    """
    a, b = (Sampled(read_fingerprint(path)) for path in (fingerprint_a, fingerprint_b))
    comparison = _Comparison(a, b, progress)
    drafts = comparison.drafts()
    with ExitStack() as stack:
        if comparison.noise and any(draft.segment.op != "equal" for draft in drafts) and (regions or pictures):
            pickers = [stack.enter_context(open_picker(path)) for path in (media_a, media_b)]
            if regions:
                closer = Closer(pickers[0], pickers[1], comparison.noise)
                drafts = [_boxed(closer, draft) for draft in drafts]
            if pictures:
                photographer = Photographer(pickers[0], pickers[1], Path(pictures))
                drafts = _pictured(photographer, drafts)
        elif pictures:
            pickers = [stack.enter_context(open_picker(path)) for path in (media_a, media_b)]
            drafts = _pictured(Photographer(pickers[0], pickers[1], Path(pictures)), drafts)
    script = Script(a.print.duration, b.print.duration, comparison.threshold, [draft.segment for draft in drafts])
    progress(1.0)
    return script.as_dict()


class _Comparison:
    """The steps from two fingerprints to drafts of segments, and what they learn on the way."""

    def __init__(self, a: Sampled, b: Sampled, progress: Progress) -> None:
        self.a, self.b = a, b
        self.progress = progress
        self.search = rates_differ(a, b)
        self.noise: NoiseModel | None = None
        self.threshold = THRESHOLD

    def drafts(self) -> list[Draft]:
        a, b = self.a, self.b
        runs = one_to_one(sharpen(a, b, align(a, b), grid_step(a, b)))
        self.progress(0.2)
        if not runs:
            return [Draft(_plain(part)) for part in outline(a.print, b.print, [])]
        in_a, in_b = self._pairs(runs)
        self.noise = learn(a, b, in_a, in_b)
        limits = thresholds(self.noise.residual(a, b, in_a[::3], in_b[::3]))
        self.threshold = THRESHOLD * limits.strictness
        match = matcher(a, b, self.noise, self.search, in_a, in_b)
        parts = outline(a.print, b.print, settle(match, runs))
        self.progress(0.4)
        seen = self._seen(parts, limits)
        doubtful = [part for part, (_, marked) in seen.items() if _doubtful(part, parts, marked)]
        if doubtful:
            parts = outline(a.print, b.print, settle(match, _without(runs, doubtful)))
            seen = self._seen(parts, limits)
        drafts: list[Draft] = []
        for part in parts:
            drafts += self._kept(part, *seen[part]) if part in seen else [Draft(_plain(part))]
        return _merged(drafts)

    def _seen(self, parts: list[Part], limits: Thresholds) -> dict[Part, tuple[Track, list[Marked]]]:
        """What changed in each part that both sides show."""
        assert self.noise is not None  # noqa: S101  for the type checker
        survey = Surveyor(self.a, self.b, self.noise, limits, self.search)
        seen = {}
        for index, part in enumerate(parts):
            if part.kind == "kept":
                scores = track(self.a, self.b, self.noise, limits, part, self.search)
                seen[part] = scores, mark(survey, changes(scores))
            self.progress(0.4 + 0.4 * (index + 1) / len(parts))
        return seen

    def _pairs(self, runs: list[Run]) -> tuple[Indexes, Indexes]:
        """Aligned frames spread over all runs."""
        total = sum(run.seconds for run in runs)
        in_a, in_b = [], []
        for run in runs:
            count = max(3, round(LEARN_FROM * run.seconds / total))
            times = np.linspace(run.start, run.end, count + 2)[1:-1]
            frames_a, frames_b = pairs_near(self.a, self.b, times, run.offset, self.search)
            in_a.append(frames_a)
            in_b.append(frames_b)
        return np.concatenate(in_a), np.concatenate(in_b)

    def _kept(self, part: Part, scores: Track, marked: list[Marked]) -> list[Draft]:
        """Equal and changed segments of a part that both sides show."""
        assert part.a is not None  # noqa: S101  for the type checker
        usual = float(np.median(scores.score.max(axis=(1, 2)))) * self.threshold
        drafts = []
        at = part.a[0]
        for each in marked:
            if each.span[0] > at:
                drafts.append(Draft(self._segment("equal", part, (at, each.span[0]), usual)))
            distance = min(MOST_DISTANCE, each.strength * self.threshold)
            drafts.append(Draft(self._segment("changed", part, each.span, distance), each))
            at = each.span[1]
        if at < part.a[1]:
            drafts.append(Draft(self._segment("equal", part, (at, part.a[1]), usual)))
        return drafts

    def _segment(self, op: Op, part: Part, span: tuple[float, float], distance: float) -> Segment:
        """A piece of a part, by its span in A; B's borders are B's frames nearest to the same moments."""
        assert part.a is not None and part.b is not None  # noqa: S101, PT018  for the type checker
        borders = self.b.print.borders
        start = part.b[0] if span[0] <= part.a[0] else frame_of(borders, span[0] + part.offset)
        end = part.b[1] if span[1] >= part.a[1] else frame_of(borders, span[1] + part.offset)
        return Segment(op, span, (start, end), distance)


def _doubtful(part: Part, parts: list[Part], marked: list[Marked]) -> bool:
    """Whether a short part is changed for most of its time amid footage that one side lacks: no match, but likeness."""
    assert part.a is not None  # noqa: S101  for the type checker
    seconds = part.a[1] - part.a[0]
    if seconds > DOUBTFUL_SECONDS or sum(each.span[1] - each.span[0] for each in marked) < DOUBTFUL_SHARE * seconds:
        return False
    lone = {
        moment
        for other in parts
        if other.kind in ("inserted", "deleted", "replaced")
        for span in (other.a, other.b)
        for moment in span or ()
    }
    assert part.b is not None  # noqa: S101  for the type checker
    return bool({part.a[0], part.b[0]} & lone) and bool({part.a[1], part.b[1]} & lone)


def _without(runs: list[Run], doubtful: list[Part]) -> list[Run]:
    """Runs but for those that became doubtful parts; never none at all."""
    spans = [(part.a, part.offset) for part in doubtful if part.a]
    left = [
        run
        for run in runs
        if not any(
            abs(run.offset - offset) < SAME_OFFSET_SECONDS and run.start < span[1] and span[0] < run.end
            for span, offset in spans
        )
    ]
    return left or runs


def _plain(part: Part) -> Segment:
    return Segment(OPS[part.kind], part.a, part.b, MOST_DISTANCE if part.kind == "replaced" else None)


def _merged(drafts: list[Draft]) -> list[Draft]:
    """Equal segments that continue each other made one."""
    merged: list[Draft] = []
    for draft in drafts:
        joined = _continued(merged[-1].segment, draft.segment) if merged else None
        if joined:
            merged[-1] = Draft(joined)
        else:
            merged.append(draft)
    return merged


def _continued(one: Segment, other: Segment) -> Segment | None:
    """Both as one equal segment, if that is what they are."""
    if one.op != "equal" or other.op != "equal" or not (one.a and one.b and other.a and other.b):
        return None
    if one.a[1] != other.a[0] or one.b[1] != other.b[0]:
        return None
    distance = max(one.distance or 0.0, other.distance or 0.0)
    return replace(one, a=(one.a[0], other.a[1]), b=(one.b[0], other.b[1]), distance=distance)


def _boxed(closer: Closer, draft: Draft) -> Draft:
    if draft.marked is None or draft.segment.a is None:
        return draft
    strongest = max(draft.marked.changes, key=lambda change: change.strength)
    boxes = closer.boxes(list(moments_of(strongest, draft.segment.a)), draft.marked.changes)
    return replace(draft, segment=replace(draft.segment, regions=tuple(boxes)))


def _pictured(photographer: Photographer, drafts: list[Draft]) -> list[Draft]:
    pictured = []
    left = MOST_PICTURES
    for index, draft in enumerate(drafts):
        if draft.segment.op == "equal" or left == 0:
            pictured.append(draft)
            continue
        left -= 1
        moments = _telling(draft)
        for side, at in zip("ab", moments, strict=True):
            if at is not None:
                photographer.take(index, side, at)
        pictured.append(replace(draft, segment=replace(draft.segment, picture_at=moments)))
    return pictured


def _telling(draft: Draft) -> tuple[float | None, float | None]:
    """The moment on each side that shows the difference best; matching ones where the footage is the same."""
    a, b = draft.segment.a, draft.segment.b
    if draft.marked and a and b:
        strongest = max(draft.marked.changes, key=lambda change: change.strength)
        at = telling_moment(strongest, a)
        return at, min(max(b[0], at + strongest.track.part.offset), b[1])
    middle = [(span[0] + span[1]) / 2 if span else None for span in (a, b)]
    return middle[0], middle[1]
