"""Explain changes by other runs: by cuts nearby, without detours, and by footage that was missed."""

from collections.abc import Callable

from videos.diff.alignment.corrections.cuts import shift_cuts
from videos.diff.alignment.corrections.detours import find_detours
from videos.diff.alignment.missed_runs import add_found, search_other_side
from videos.diff.alignment.zones.realign import Realigned, realign_doubts, replace_runs
from videos.diff.results import MIN_SAVED_SECONDS, Outlined, Scored
from videos.diff.stages import MonotonicProgress, outline_runs, score_parts

Judge = Callable[[Scored, Scored, Realigned], bool]  # whether to keep runs: the pair with them, without them, the runs


def is_better(tried: Scored, scored: Scored, realigned: Realigned) -> bool:
    """Return whether new runs leave so much less different that they are worth their cuts, or need fewer of them."""
    saved = scored.sum_different(realigned.span) - tried.sum_different(realigned.span)
    cuts = tried.count_parts(realigned.span) - scored.count_parts(realigned.span)
    return saved >= MIN_SAVED_SECONDS * (cuts or 1)


def is_as_good(tried: Scored, scored: Scored, realigned: Realigned) -> bool:
    """Return whether other runs leave no more of A different, to half a frame."""
    frame = scored.outlined.calibrated.aligned.a.fingerprint.step
    return tried.sum_different(realigned.span) <= scored.sum_different(realigned.span) + frame / 2


def explain_by_cuts(scored: Scored, progress: MonotonicProgress) -> Scored:
    """Return the pair with other runs where these leave less of a change.

    Where most of the picture stands still, a run at the wrong offset differs only in the part that moves. A cut may
    also have been found at the wrong end of a change. Runs that are a detour go if no more differs without them. If
    runs have changed, what seems to be on one side alone is searched for on the whole other side once more.
    """
    match, known = scored.outlined.calibrated.mismatch_cost, scored.outlined.runs
    doubts = scored.list_doubts()
    scored = _keep_better(scored, realign_doubts(match, list(scored.outlined.runs), doubts) if doubts else [], progress)
    scored = _keep_better(scored, shift_cuts(match, list(scored.outlined.runs), scored.list_changed()), progress)
    explained = _keep_better(scored, find_detours(match, list(scored.outlined.runs)), progress, is_as_good)
    has_changed = explained.outlined.runs != known
    return _search_again(explained, progress) if has_changed else explained


def _search_again(scored: Scored, progress: MonotonicProgress) -> Scored:
    """Return the pair with runs of what one side seems to lack though it shows it elsewhere, if less differs then."""
    calibrated, runs = scored.outlined.calibrated, list(scored.outlined.runs)
    searched = search_other_side(calibrated.mismatch_cost, calibrated.limits, runs)
    found = [Realigned((run.start, run.end), [run]) for run in searched.found]

    def outline(kept: list[Realigned]) -> Outlined:
        with_found = runs
        for each in kept:  # a later one may take from an earlier one
            with_found = add_found(with_found, each.runs)
        rejected = [run for each in found if each not in kept for run in each.runs]
        return outline_runs(calibrated, with_found, (*searched.repeats, *rejected))

    tried = _try_outlines(scored, found, outline, progress, is_better)
    whole = Realigned((0.0, calibrated.aligned.a.fingerprint.duration), searched.found)
    return tried if is_better(tried, scored, whole) else scored


def _keep_better(
    scored: Scored, found: list[Realigned], progress: MonotonicProgress, is_kept: Judge = is_better
) -> Scored:
    """Return the pair with those of the other runs that are kept: by default, where they leave less of it different."""
    outlined = scored.outlined
    match, runs = outlined.calibrated.mismatch_cost, list(outlined.runs)

    def outline(kept: list[Realigned]) -> Outlined:
        return outline_runs(outlined.calibrated, replace_runs(match, runs, kept), outlined.repeats)

    return _try_outlines(scored, found, outline, progress, is_kept)


def _try_outlines(
    scored: Scored,
    found: list[Realigned],
    outline: Callable[[list[Realigned]], Outlined],
    progress: MonotonicProgress,
    is_kept: Judge,
) -> Scored:
    """Return the pair outlined with the other runs, without those that are not kept when they are tried together."""
    known = scored.scores
    while found:
        tried = score_parts(outline(found), progress, known)
        better = [each for each in found if is_kept(tried, scored, each)]
        if len(better) == len(found):
            return tried
        found, known = better, known | tried.scores
    return scored
