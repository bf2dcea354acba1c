"""Compare two videos by their fingerprints, with a second look at the files where something differs."""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from videos.diff.align import Run, align, grid_step, one_to_one
from videos.diff.borders import matcher, settle
from videos.diff.changes import Thresholds, changes, thresholds, track
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
        return compare(*prints, a, b, regions=regions, progress=lambda share: progress(0.8 + 0.2 * share))


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
        runs = settle(matcher(a, b, self.noise, self.search, in_a, in_b), runs)
        self.progress(0.4)
        drafts: list[Draft] = []
        parts = outline(a.print, b.print, runs)
        for index, part in enumerate(parts):
            drafts += self._kept(part, limits) if part.kind == "kept" else [Draft(_plain(part))]
            self.progress(0.4 + 0.4 * (index + 1) / len(parts))
        return _merged(drafts)

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

    def _kept(self, part: Part, limits: Thresholds) -> list[Draft]:
        """Equal and changed segments of a part that both sides show."""
        assert self.noise is not None and part.a is not None and part.b is not None  # noqa: S101, PT018
        seen = track(self.a, self.b, self.noise, limits, part, self.search)
        survey = Surveyor(self.a, self.b, self.noise, limits, self.search)
        usual = float(np.median(seen.score.max(axis=(1, 2)))) * self.threshold
        marked = mark(survey, changes(seen))
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


def _plain(part: Part) -> Segment:
    return Segment(OPS[part.kind], part.a, part.b, MOST_DISTANCE if part.kind == "replaced" else None)


def _merged(drafts: list[Draft]) -> list[Draft]:
    """Equal segments that continue each other made one."""
    merged: list[Draft] = []
    for draft in drafts:
        last, this = (merged[-1].segment if merged else None), draft.segment
        if last and last.op == this.op == "equal" and last.a and last.b and this.a and this.b:
            if last.a[1] == this.a[0] and last.b[1] == this.b[0]:
                distance = max(last.distance or 0.0, this.distance or 0.0)
                joined = replace(last, a=(last.a[0], this.a[1]), b=(last.b[0], this.b[1]), distance=distance)
                merged[-1] = Draft(joined)
                continue
        merged.append(draft)
    return merged


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
