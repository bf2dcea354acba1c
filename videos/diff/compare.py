"""Compare two videos by their fingerprints, with a second look at the files where something differs."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from videos.diff.align import Run, align, one_to_one
from videos.diff.borders import Matcher, matcher, settle
from videos.diff.changes import changes
from videos.diff.closer import Closer, Photographer, moments_of, rough_box, telling_moment
from videos.diff.cores import shared_out
from videos.diff.descriptor import Sampled
from videos.diff.drafts import Draft, cut_up, doubtful, merged, moved, plain
from videos.diff.faint import MOST as MOST_FAINT
from videos.diff.faint import with_faint
from videos.diff.fingerprint import read_fingerprint
from videos.diff.grid import grid_step
from videos.diff.naming import Told, mirrored_told
from videos.diff.noise import NoiseModel, learn
from videos.diff.order import Moments, Shown, mirrored, stands_second
from videos.diff.outline import Part, outline
from videos.diff.pairing import Indexes, pairs_near, rates_differ, same_footage
from videos.diff.ramps import ramped
from videos.diff.scores import Thresholds, thresholds
from videos.diff.script import Script
from videos.diff.sharpen import sharpen
from videos.diff.spans import Marked, Surveyor, mark, packed, unpacked
from videos.diff.speed import paced, told, usual_slope
from videos.diff.tracks import Track, tracks
from videos.diff.transforms import alike, graded
from videos.diff.usual import usual
from videos.diff.view import View
from videos.media.frames import Picker, open_picker

Progress = Callable[[float], None]

THRESHOLD = 0.1  # distance that counts as a change between two clean videos
GRADED = 1.25  # by how much more must stand out beneath a grade, which no curve takes away wholly
LEARN_FROM = 600  # frames, over all runs
GRADE_FROM = 3  # of which one in so many says what a grade is
MOST_PICTURES = 200
SAME_OFFSET_SECONDS = 0.02
ALIKE, ALIGNED, SHARP, BENT, SETTLED, SEEN, CUT = 0.05, 0.3, 0.35, 0.45, 0.5, 0.8, 0.9  # progress after each step


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
    a, b = (Sampled(read_fingerprint(path)) for path in (fingerprint_a, fingerprint_b))
    turned = stands_second(a.print, b.print)
    first, second, transforms = alike(*((b, a) if turned else (a, b)), lambda share: progress(ALIKE * share))
    comparison = _Comparison(first, second, transforms, progress)
    drafts = comparison.drafts()
    if regions:
        drafts = [_roughly_boxed(draft, (first if turned else second).view) for draft in drafts]
    if any(draft.segment.op != "equal" for draft in drafts) and (regions or pictures):
        with open_picker(media_a) as picker_a, open_picker(media_b) as picker_b:
            if regions:
                drafts = comparison.boxed(drafts, (picker_b, picker_a) if turned else (picker_a, picker_b), turned)
            shown = _shown(drafts, turned)
            if pictures:
                shown = _pictured(Photographer(picker_a, picker_b, Path(pictures)), shown)
    else:
        shown = _shown(drafts, turned)
    transforms = comparison.transforms
    transforms = [*(mirrored_told(transforms) if turned else transforms), *comparison.speed(turned)]
    segments = [segment for segment, _ in shown]
    script = Script(a.print.duration, b.print.duration, comparison.threshold, segments, transforms)
    progress(1.0)
    return script.as_dict()


def _shown(drafts: list[Draft], turned: bool) -> list[Shown]:
    shown = [(draft.segment, _telling(draft)) for draft in drafts]
    return mirrored(shown) if turned else shown


class _Comparison:
    """The steps from two fingerprints to drafts of segments, and what they learn on the way."""

    def __init__(self, a: Sampled, b: Sampled, transforms: list[Told], progress: Progress) -> None:
        self.a, self.b = a, b
        self.transforms = transforms
        self.progress = progress
        self.search = rates_differ(a, b)
        self.noise: NoiseModel | None = None
        self.threshold = THRESHOLD
        self._done = ALIKE
        self._slope = 1.0

    def drafts(self) -> list[Draft]:
        a, b = self.a, self.b
        found = align(a, b, self._between(ALIKE, ALIGNED))
        found = sharpen(a, b, found, grid_step(a, b), self._between(ALIGNED, SHARP))
        runs = ramped(a, b, one_to_one(found), self._between(SHARP, BENT))
        self.search |= any(run.line.slope != 1 for run in runs)
        runs = [run for run in runs if same_footage(a, b, run.line, (run.start, run.end), self.search)]
        if not runs:
            return [plain(part) for part in outline(a.print, b.print, [])]
        in_a, in_b = self._pairs(runs)
        if a.view.tones:
            a = self._graded_anew(in_a, in_b)
        as_usual = usual(a, b, in_a, in_b)
        in_a, in_b = in_a[as_usual], in_b[as_usual]
        self.noise = learn(a, b, in_a, in_b)
        limits = thresholds(self.noise.residual(a, b, in_a[::3], in_b[::3]))
        limits = limits.eased(_ease(a) * _ease(b))
        self.threshold = THRESHOLD * limits.strictness
        match = matcher(a, b, self.noise, self.search, in_a, in_b)
        parts = self._outlined(match, runs)
        seen = self._seen(parts, limits, {})
        doubts = [part for part, (_, marked) in seen.items() if part.kind == "kept" and doubtful(part, parts, marked)]
        if doubts:
            parts = self._outlined(match, _without(runs, doubts))
            seen = self._seen(parts, limits, seen)
        drafts: list[Draft] = []
        left = MOST_FAINT
        survey = self._survey(limits)
        kept = {part: looked for part, looked in seen.items() if part.kind == "kept"}
        finest = shared_out(
            lambda of: packed(with_faint(survey, *of, MOST_FAINT)), list(kept.values()), self._between(SEEN, CUT)
        )
        filled = dict(zip(kept, finest, strict=True))
        for part in parts:
            if part not in seen:
                drafts.append(plain(part))
                continue
            scores, marked = seen[part]
            if part not in kept:
                drafts.append(moved(part, marked, self.threshold))
                continue
            fine = unpacked(scores, filled[part])
            if len(fine) - len(marked) > left:
                fine = with_faint(survey, scores, marked, left)
            left -= len(fine) - len(marked)
            drafts += cut_up(b.print, part, scores, fine, self.threshold)
        return merged(drafts)

    def _graded_anew(self, in_a: Indexes, in_b: Indexes) -> Sampled:
        """A in tones that were learnt from all that is shown on both sides: the first few frames lack some colours."""
        self.a, grade = graded(self.a, self.b, in_a[::GRADE_FROM], in_b[::GRADE_FROM])
        self.transforms = [*(told for told in self.transforms if told["kind"] != "grade"), *grade]
        return self.a

    def _survey(self, limits: Thresholds) -> Surveyor:
        assert self.noise is not None  # noqa: S101  for the type checker
        return Surveyor(self.a, self.b, self.noise, limits, self.search)

    def _outlined(self, match: Matcher, runs: list[Run]) -> list[Part]:
        parts = outline(self.a.print, self.b.print, settle(match, runs, self._between(BENT, SETTLED)))
        self._slope = usual_slope(parts)
        return paced(parts, self._slope)

    def _seen(
        self, parts: list[Part], limits: Thresholds, seen: dict[Part, tuple[Track, list[Marked]]]
    ) -> dict[Part, tuple[Track, list[Marked]]]:
        """What changed in each part that both sides show, in place or elsewhere, where it has not been seen already."""
        assert self.noise is not None  # noqa: S101  for the type checker
        survey = self._survey(limits)
        shared = [part for part in parts if part.kind in ("kept", "moved")]
        new = [part for part in shared if part not in seen]
        found = tracks(self.a, self.b, self.noise, limits, new, self.search, self._between(SETTLED, SEEN))
        marked = shared_out(lambda scores: packed(mark(survey, changes(scores))), found)
        looked = {part: (scores, unpacked(scores, few)) for part, scores, few in zip(new, found, marked, strict=True)}
        return {part: seen.get(part) or looked[part] for part in shared}

    def boxed(self, drafts: list[Draft], pickers: tuple[Picker, Picker], turned: bool) -> list[Draft]:
        """Drafts with the boxes of what changed in them; of the frame of A where the two were turned."""
        if self.noise is None:
            return drafts
        closer = Closer(*pickers, self.noise, (self.a.view, self.b.view), of_a=turned)
        boxed = []
        for place, draft in enumerate(drafts, start=1):
            boxed.append(_boxed(closer, draft))
            self._advance(CUT + (1 - CUT) * place / len(drafts))
        return boxed

    def speed(self, turned: bool) -> list[dict[str, object]]:
        """What there is to say about the speed of the whole, from B to A where the two were turned."""
        frame = max(self.a.print.step, self.b.print.step)
        return told(1 / self._slope if turned else self._slope, self.a.print.duration, frame)

    def _between(self, low: float, high: float) -> Progress:
        """Reports a step's progress as a part of the whole's."""
        return lambda share: self._advance(low + (high - low) * share)

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


def _ease(video: Sampled) -> float:
    """How much more must stand out where a side is not looked at as it is."""
    return GRADED if video.view.tones else 1.0


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


def _roughly_boxed(draft: Draft, view: View) -> Draft:
    """With the boxes of what nearly changed, as exact as the fingerprint is: it costs no decoding."""
    if draft.marked is None or not draft.marked.faint:
        return draft
    boxes = tuple(rough_box(change.cells, view) for change in draft.marked.changes)
    return replace(draft, segment=replace(draft.segment, regions=boxes))


def _boxed(closer: Closer, draft: Draft) -> Draft:
    if draft.marked is None or draft.marked.faint or draft.segment.a is None:
        return draft
    strongest = max(draft.marked.changes, key=lambda change: change.strength)
    boxes = closer.boxes(list(moments_of(strongest, draft.segment.a)), draft.marked.changes)
    return replace(draft, segment=replace(draft.segment, regions=tuple(boxes)))


def _pictured(photographer: Photographer, shown: list[Shown]) -> list[Shown]:
    pictured = []
    left = MOST_PICTURES
    for index, (segment, moments) in enumerate(shown):
        if segment.op == "equal" or left == 0:
            pictured.append((segment, moments))
            continue
        left -= 1
        for side, at in zip("ab", moments, strict=True):
            if at is not None:
                photographer.take(index, side, at)
        pictured.append((replace(segment, picture_at=moments), moments))
    return pictured


def _telling(draft: Draft) -> Moments:
    """The moment on each side that shows the difference best; matching ones where the footage is the same."""
    a, b = draft.segment.a, draft.segment.b
    if draft.marked and a and b:
        strongest = max(draft.marked.changes, key=lambda change: change.strength)
        at = telling_moment(strongest, a)
        return at, min(max(b[0], strongest.track.part.line.to_b(at)), b[1])
    middle = [(span[0] + span[1]) / 2 if span else None for span in (a, b)]
    return middle[0], middle[1]
