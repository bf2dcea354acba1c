"""Compare two videos by their fingerprints, with a second look at the files where something differs."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from videos.diff.align import Run, align, one_to_one
from videos.diff.borders import matcher, settle
from videos.diff.changes import Thresholds, Track, changes, thresholds, track
from videos.diff.closer import Closer, Photographer, moments_of, telling_moment
from videos.diff.descriptor import Sampled
from videos.diff.drafts import Draft, cut_up, doubtful, merged, plain
from videos.diff.fingerprint import read_fingerprint
from videos.diff.grid import grid_step
from videos.diff.noise import NoiseModel, learn
from videos.diff.outline import Part, outline
from videos.diff.pairing import Indexes, pairs_near, rates_differ, sharpen
from videos.diff.script import Script
from videos.diff.spans import Marked, Surveyor, mark
from videos.diff.transforms import alike
from videos.media.frames import open_picker

Progress = Callable[[float], None]

THRESHOLD = 0.1  # distance that counts as a change between two clean videos
GRADED = 1.35  # by how much more must stand out beneath a grade, which no curve takes away wholly
MOVED = 1.2  # the same where cells of the two lie between each other's
LEARN_FROM = 600  # frames, over all runs
MOST_PICTURES = 200
SAME_OFFSET_SECONDS = 0.02


def _ignore(_: float) -> None:
    pass


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
    pictures `00000-a.jpg` and `00000-b.jpg` of each differing segment, where `pictures` names a folder. Regions are
    boxes of B's frame; in A's they are the same but for a transform of the whole pair.
    """
    a, b, transforms = alike(*(Sampled(read_fingerprint(path)) for path in (fingerprint_a, fingerprint_b)))
    comparison = _Comparison(a, b, progress)
    drafts = comparison.drafts()
    if any(draft.segment.op != "equal" for draft in drafts) and (regions or pictures):
        with open_picker(media_a) as picker_a, open_picker(media_b) as picker_b:
            if regions and comparison.noise:
                closer = Closer(picker_a, picker_b, comparison.noise, (a.view, b.view))
                drafts = [_boxed(closer, draft) for draft in drafts]
            if pictures:
                drafts = _pictured(Photographer(picker_a, picker_b, Path(pictures)), drafts)
    segments = [draft.segment for draft in drafts]
    script = Script(a.print.duration, b.print.duration, comparison.threshold, segments, transforms)
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
        self._done = 0.0

    def drafts(self) -> list[Draft]:
        a, b = self.a, self.b
        runs = one_to_one(sharpen(a, b, align(a, b), grid_step(a, b)))
        self._advance(0.2)
        if not runs:
            return [plain(part) for part in outline(a.print, b.print, [])]
        in_a, in_b = self._pairs(runs)
        self.noise = learn(a, b, in_a, in_b)
        limits = thresholds(self.noise.residual(a, b, in_a[::3], in_b[::3]))
        limits = limits.eased((GRADED if a.view.tones else 1.0) * (MOVED if a.view.moves or b.view.moves else 1.0))
        self.threshold = THRESHOLD * limits.strictness
        match = matcher(a, b, self.noise, self.search, in_a, in_b)
        parts = outline(a.print, b.print, settle(match, runs))
        self._advance(0.4)
        seen = self._seen(parts, limits)
        doubts = [part for part, (_, marked) in seen.items() if doubtful(part, parts, marked)]
        if doubts:
            parts = outline(a.print, b.print, settle(match, _without(runs, doubts)))
            seen = self._seen(parts, limits)
        drafts: list[Draft] = []
        for part in parts:
            drafts += cut_up(b.print, part, *seen[part], self.threshold) if part in seen else [plain(part)]
        return merged(drafts)

    def _seen(self, parts: list[Part], limits: Thresholds) -> dict[Part, tuple[Track, list[Marked]]]:
        """What changed in each part that both sides show."""
        assert self.noise is not None  # noqa: S101  for the type checker
        survey = Surveyor(self.a, self.b, self.noise, limits, self.search)
        seen = {}
        for index, part in enumerate(parts):
            if part.kind == "kept":
                scores = track(self.a, self.b, self.noise, limits, part, self.search)
                seen[part] = scores, mark(survey, changes(scores))
            self._advance(0.4 + 0.4 * (index + 1) / len(parts))
        return seen

    def _advance(self, share: float) -> None:
        """Report progress, which never goes back, though some steps are taken twice."""
        self._done = max(self._done, share)
        self.progress(self._done)

    def _pairs(self, runs: list[Run]) -> tuple[Indexes, Indexes]:
        """Aligned frames spread over all runs."""
        total = sum(run.seconds for run in runs)
        in_a, in_b = [], []
        for run in runs:
            count = max(3, round(LEARN_FROM * run.seconds / total))
            times = np.linspace(run.start, run.end, count + 2)[1:-1]
            frames_a, frames_b = pairs_near(self.a, self.b, times, run.line, self.search)
            in_a.append(frames_a)
            in_b.append(frames_b)
        return np.concatenate(in_a), np.concatenate(in_b)


def _without(runs: list[Run], doubts: list[Part]) -> list[Run]:
    """Runs but for those that became doubtful parts; never none at all."""
    spans = [(part.a, part.line) for part in doubts if part.a]
    left = [
        run
        for run in runs
        if not any(
            run.line.near(line, span, SAME_OFFSET_SECONDS) and run.start < span[1] and span[0] < run.end
            for span, line in spans
        )
    ]
    return left or runs


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
        return at, min(max(b[0], strongest.track.part.line.to_b(at)), b[1])
    middle = [(span[0] + span[1]) / 2 if span else None for span in (a, b)]
    return middle[0], middle[1]
