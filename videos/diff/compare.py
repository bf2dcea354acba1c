"""Compare two videos by their fingerprints, and look at the files themselves where something differs."""

from dataclasses import replace
from pathlib import Path

from videos.diff.changes.boxes.localisation import (
    BoxLocaliser,
    choose_moments,
    estimate_box,
    find_strongest_moment,
)
from videos.diff.changes.boxes.pictures import PictureWriter
from videos.diff.changes.boxes.softening import Softened
from videos.diff.changes.boxes.visible_spans import follow_boxes
from videos.diff.changes.segments import DraftSegment, MarkedSegment, segment_of
from videos.diff.explanation import explain_by_cuts
from videos.diff.parallel import map_aside
from videos.diff.quality.picture_faults import list_picture_faults
from videos.diff.results import Drafted
from videos.diff.sampling.descriptor import SampledVideo
from videos.diff.sampling.view import View
from videos.diff.script.edit_script import Moments, Script, Segment, restore_times
from videos.diff.script.stored import SIDES, StoredScript
from videos.diff.script.symmetry import comes_second, mirror_segments
from videos.diff.stages import (
    CUT,
    MonotonicProgress,
    Progress,
    align_pair,
    calibrate,
    describe_pair,
    draft_segments,
    draft_unrelated,
    drop_doubtful_parts,
    outline_pair,
    score_parts,
)
from videos.fingerprint.format import read_fingerprint
from videos.media.frames import FrameSeeker, open_frame_seeker

MAX_PICTURES = 200  # differing segments that get pictures
MIN_ASIDE_FRAMES = 20_000  # frames of both videos from which another process looks for faults meanwhile


def _ignore_progress(_: float) -> None:
    pass


def compare(
    fingerprint_a: str,
    fingerprint_b: str,
    media_a: str,
    media_b: str,
    *,
    regions: bool = True,
    progress: Progress = _ignore_progress,
    pictures: str | None = None,
) -> StoredScript:
    """Return the edit script from A to B.

    The media files are opened only if something differs: for exact boxes unless `regions` is off, and for the pictures
    `00000-a.jpg` and `00000-b.jpg` of each differing segment if `pictures` names a folder. Regions are boxes of B's
    frame. `progress` receives the share done and may raise to cancel the comparison.
    """
    a, b = (SampledVideo(read_fingerprint(path)) for path in (fingerprint_a, fingerprint_b))
    fingerprints = a.fingerprint, b.fingerprint
    is_long = sum(map(len, fingerprints)) >= MIN_ASIDE_FRAMES
    with map_aside(list_picture_faults, fingerprints, is_long) as wait_for_faults:
        script = _compare_sampled(a, b, (media_a, media_b), regions, pictures, MonotonicProgress(progress))
        script["picture_faults"] = dict(zip(SIDES, wait_for_faults(), strict=True))
    progress(1.0)
    return script


def _compare_sampled(
    a: SampledVideo,
    b: SampledVideo,
    media: tuple[str, str],
    regions: bool,
    pictures: str | None,
    reporter: MonotonicProgress,
) -> StoredScript:
    """Return the edit script from A to B without the faults of either picture."""
    is_swapped = comes_second(a.fingerprint, b.fingerprint)
    aligned = align_pair(*((b, a) if is_swapped else (a, b)), reporter)
    if aligned.runs:
        outlined = outline_pair(calibrate(aligned), reporter)
        scored = drop_doubtful_parts(score_parts(outlined, reporter), reporter)
        drafted = draft_segments(explain_by_cuts(scored, reporter), reporter)
    else:
        drafted = draft_unrelated(aligned)
    if regions:
        drafted = _estimate_boxes(drafted, is_swapped)
    segments = _look_at_files(drafted, media, is_swapped, regions, pictures, reporter)
    segments = [restore_times(segment, _retiming_by_side(drafted, is_swapped)) for segment in segments]
    transforms = describe_pair(drafted, is_swapped)
    return Script(a.fingerprint.duration, b.fingerprint.duration, drafted.threshold, segments, transforms).as_dict()


def _look_at_files(
    drafted: Drafted,
    media: tuple[str, str],
    is_swapped: bool,
    regions: bool,
    pictures: str | None,
    progress: MonotonicProgress,
) -> list[Segment]:
    """Return the segments from A to B with exact boxes and with pictures, if they are wanted and something differs."""
    if not drafted.has_differences or not (regions or pictures):
        return _order_segments(drafted, is_swapped)
    factors = _retiming_by_side(drafted, is_swapped)
    with open_frame_seeker(media[0], factors[0]) as seeker_a, open_frame_seeker(media[1], factors[1]) as seeker_b:
        if regions:
            drafted = _localise_changes(drafted, (seeker_a, seeker_b), is_swapped, progress)
        if not pictures:
            return _order_segments(drafted, is_swapped)
        segments = _order_segments(_choose_picture_moments(drafted), is_swapped)
        return _write_pictures(PictureWriter(seeker_a, seeker_b, Path(pictures)), segments)


def _retiming_by_side(drafted: Drafted, is_swapped: bool) -> tuple[float, float]:
    """Return the factors by which the times of A and of B were multiplied before the alignment."""
    return (drafted.aligned.retiming, 1.0) if is_swapped else (1.0, drafted.aligned.retiming)


def _order_segments(drafted: Drafted, is_swapped: bool) -> list[Segment]:
    segments = [segment_of(draft) for draft in drafted.drafts]
    return mirror_segments(segments) if is_swapped else segments


def _estimate_boxes(drafted: Drafted, is_swapped: bool) -> Drafted:
    """Add boxes to the subthreshold changes, as exact as the fingerprint is, without decoding."""
    view = (drafted.aligned.a if is_swapped else drafted.aligned.b).view
    return replace(drafted, drafts=tuple(_estimate_draft_boxes(draft, view) for draft in drafted.drafts))


def _estimate_draft_boxes(draft: DraftSegment, view: View) -> DraftSegment:
    if not isinstance(draft, MarkedSegment) or not draft.marked.is_subthreshold:
        return draft
    boxes = tuple(estimate_box(change.cells, view) for change in draft.marked.changes)
    return replace(draft, segment=replace(draft.segment, regions=boxes))


def _localise_changes(
    drafted: Drafted, seekers: tuple[FrameSeeker, FrameSeeker], is_swapped: bool, progress: MonotonicProgress
) -> Drafted:
    """Add kinds and exact boxes to the changes: boxes of the second video, or of the first if the two were swapped."""
    if drafted.noise is None:
        return drafted
    views = drafted.aligned.a.view, drafted.aligned.b.view
    first, second = seekers[::-1] if is_swapped else seekers
    localiser = BoxLocaliser(first, second, drafted.noise, views, of_a=is_swapped)
    localised: list[DraftSegment] = []
    softened: dict[int, Softened] = {}
    for place, draft in enumerate(drafted.drafts):
        if isinstance(draft, MarkedSegment) and not draft.marked.is_subthreshold:
            look = localiser.look_at(draft.marked, draft.segment.a)
            draft = replace(draft, segment=replace(draft.segment, regions=tuple(look.regions), kind=look.kind))
            if look.softened and draft.segment.op == "changed":
                softened[place] = look.softened
        localised.append(draft)
        progress.advance(CUT + (1 - CUT) * (place + 1) / len(drafted.drafts))
    sides = drafted.aligned.a, drafted.aligned.b
    return replace(drafted, drafts=tuple(follow_boxes(localised, softened, sides, localiser.read_planes)))


def _choose_picture_moments(drafted: Drafted) -> Drafted:
    """Return the segments with the moments on both sides that show their difference best."""
    return replace(
        drafted,
        drafts=tuple(replace(segment_of(draft), picture_at=_find_picture_moments(draft)) for draft in drafted.drafts),
    )


def _find_picture_moments(draft: DraftSegment) -> Moments:
    """Return the strongest moment of the changes and the one that matches it, else the middle of each span."""
    if isinstance(draft, MarkedSegment):
        a, b = draft.segment.a, draft.segment.b
        strongest = draft.marked.strongest
        if strongest.spans:
            moment = next(choose_moments(strongest, a))
            return moment.a, moment.b
        at = find_strongest_moment(strongest, a)
        return at, min(max(b[0], strongest.score_map.part.time_map.to_b(at)), b[1])
    a_middle, b_middle = ((span[0] + span[1]) / 2 if span else None for span in segment_of(draft).spans)
    return a_middle, b_middle


def _write_pictures(writer: PictureWriter, segments: list[Segment]) -> list[Segment]:
    """Write the pictures of the first MAX_PICTURES differing segments; the others lose their moments."""
    pictured: list[Segment] = []
    left = MAX_PICTURES
    for index, segment in enumerate(segments):
        if segment.op == "equal" or left == 0:
            pictured.append(replace(segment, picture_at=None))
            continue
        left -= 1
        for side, moment in zip(SIDES, segment.picture_at or (None, None), strict=True):
            if moment is not None:
                writer.write_picture(index, side, moment)
        pictured.append(segment)
    return pictured
