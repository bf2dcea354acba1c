"""Name the kind of a change from the pictures of both sides in its box.

Each kind has a few measures with a value at which it is doubtful and a value at which it is sure. The weakest measure
gives the confidence. A change whose best kind is doubtful gets none: a wrong kind is worse than none.
"""

from videos.diff.changes.boxes.box_measures import BLOCK_PIXELS, BlockSize, BoxMeasures, measure_box
from videos.diff.sampling.descriptor import Floats
from videos.diff.script.edit_script import Region
from videos.diff.script.kinds import ALL_KINDS, MIN_CONFIDENCE, ChangeKind, mirror_kind, rate_measure

MAX_OVERLAY_AREA = 0.35  # share of the frame; a larger change is no text or logo

# Values at which a measure is doubtful (confidence 0) and at which it is sure (confidence 1).
BLUR_RESIDUAL = 0.42, 0.22  # share of the difference that is left after one side is blurred
BLUR_CORRELATION = 0.35, 0.45  # correlation of luma
BLUR_DETAIL_LOST = 1.0, 2.5  # halvings of the finest detail
BLUR_SHARPNESS = -0.35, -0.65  # doublings of fine detail over the gradient, on the blurred side
PIXEL_RESIDUAL = 0.8, 0.6  # share of the difference that is left after the other side is blurred
PIXEL_STEPS = 0.15, 0.45  # share of the gradient that moves into the steepest rows and columns
PIXEL_SHARPNESS = -0.6, -0.2  # doublings of fine detail over the gradient, on the pixelated side
PIXEL_EDGE = 0.5, -0.2  # doublings of the gradient along the outline of the change
GRADE_RESIDUAL = 0.4, 0.1  # share of the variance that no change of colours explains
GRADE_CORRELATION = 0.9, 0.99  # correlation of luma
GRADE_DETAIL = 0.6, 0.2  # doublings of fine detail, up or down
OVERLAY_EDGE = 0.4, 1.4  # doublings of the gradient along the outline of the change
OVERLAY_CORRELATION = 0.98, 0.92  # correlation of luma
OVERLAY_COLOURS = 0.12, 0.2  # share of the variance that no change of colours explains
OVERLAY_UNLIKE = 0.5, 0.35  # absolute correlation of luma
OVERLAY_CONTRAST = 1.0, 4.0  # levels of luma, standard deviation within the side with the overlay
OVERLAY_RESIDUAL = 0.36, 0.7  # share of the difference that is left after the side with the overlay is blurred
UNLIKE_RESIDUAL = 0.28, 0.36  # the same, where the two sides do not correlate: thin letters leave little
WHOLE_AREA = 0.8  # share of the frame from which the measures of the whole picture are used
SOFT_RESIDUAL = 0.42, 0.27  # share of the difference that is left after A is blurred, where no detail is in common
SOFT_RESIDUAL_SHARE = 0.5  # added to both of these, times the coherence of detail
SOFT_CLEAR = 0.3  # share of the difference that is left, up to which the detail need not be in common
SOFT_DETAIL = 0.3, 0.7  # halvings of detail
SOFT_GAIN = 0.7, 1.0  # detail of A for a unit of the same detail of B
SOFT_STEPS = 0.28, 0.2  # share of the gradient that moves into the steepest rows and columns
FAINT_GAIN = 1.1, 1.25  # the same gain, where most detail is in common
FAINT_COHERENCE = 0.5, 0.65  # correlation of detail
FAINT_DETAIL = 0.25, 0.5  # halvings of detail
FAINT_COLOURS = 0.3, 0.45  # share of the variance that no change of colours explains
NOISE_GRAIN = 0.4, 0.9  # doublings of the median detail
NOISE_GAIN = 1.15, 1.02  # detail of B for a unit of the same detail of A
NOISE_COARSENESS = 0.45, 0.36  # share of the difference that is left after it is blurred
NOISE_CORRELATION = 0.6, 0.75  # correlation of luma
NOISE_COLOURS = 0.5, 0.7  # share of the variance that no change of colours explains
BLOCKS_STEPS = 0.1, 0.3  # share of the gradient that moves into the steepest rows and columns
BLOCKS_COHERENCE = 0.4, 0.3  # correlation of detail
BLOCKS_GRID = 0.35, 0.8  # mean steps by which those at the borders of a codec's blocks exceed the others
MIRROR_CORRELATION = 0.85, 0.95  # correlation of luma with the mirrored other side
MIRROR_CONTRAST = 0.3, 0.6  # by which that exceeds the correlation without a mirror


def name_change(
    a: Floats, b: Floats, box: Region, blocks: tuple[BlockSize, BlockSize] = (BLOCK_PIXELS, BLOCK_PIXELS)
) -> ChangeKind | None:
    """Return the kind of the change in a box, None if it is doubtful.

    `a` and `b` are (moments, 3, height, width): luma and chroma of both sides, without the differences of the whole.
    `blocks` are those of each side's codec.
    """
    measures = measure_box(a, b, box, blocks)
    there, back = _rate_kinds(measures), _rate_kinds(measures.mirror())
    rated = {**there, **{mirrored: back[kind] for kind in back if (mirrored := mirror_kind(kind)) != kind}}
    for noisier, sharper in (("noisier", "sharper"), (mirror_kind("noisier"), "softer")):
        if rated.get(noisier, 0.0) >= MIN_CONFIDENCE:  # noise adds detail, and a blur removes noise too
            rated[sharper] = 0.0
    best = max(ALL_KINDS, key=lambda kind: rated.get(kind, 0.0))
    confidence = round(rated.get(best, 0.0), 2)
    return ChangeKind(best, confidence) if confidence >= MIN_CONFIDENCE else None


def name_all(kinds: list[ChangeKind | None]) -> ChangeKind | None:
    """Return the kind of several changes in one segment, None if they are of different kinds."""
    named = [kind for kind in kinds if kind is not None]
    if len(named) < len(kinds) or len({kind.name for kind in named}) != 1:
        return None
    return min(named, key=lambda kind: kind.confidence)


def _rate_kinds(measures: BoxMeasures) -> dict[str, float]:
    """Return the confidence in each kind that B may be against A."""
    blurred_a, blurred_b = measures.blur_residual
    sharp_b = measures.sharpness[1]
    softer = min(
        rate_measure(blurred_a, BLUR_RESIDUAL),
        rate_measure(measures.correlation, BLUR_CORRELATION),
        rate_measure(-measures.finest, BLUR_DETAIL_LOST),
        rate_measure(sharp_b, BLUR_SHARPNESS),
    )
    pixelated = min(
        rate_measure(blurred_a, PIXEL_RESIDUAL),
        rate_measure(measures.steps, PIXEL_STEPS),
        rate_measure(sharp_b, PIXEL_SHARPNESS),
        rate_measure(measures.edge, PIXEL_EDGE),
    )
    regraded = min(
        rate_measure(measures.colour_residual, GRADE_RESIDUAL),
        rate_measure(measures.correlation, GRADE_CORRELATION),
        rate_measure(abs(measures.detail), GRADE_DETAIL),
    )
    unlike = rate_measure(abs(measures.correlation), OVERLAY_UNLIKE)  # neither a grade nor a blur makes it so
    overlaid = min(
        rate_measure(measures.edge, OVERLAY_EDGE),
        rate_measure(measures.correlation, OVERLAY_CORRELATION),
        rate_measure(measures.contrast[1], OVERLAY_CONTRAST),
        max(unlike, rate_measure(measures.colour_residual, OVERLAY_COLOURS)),
        max(min(unlike, rate_measure(blurred_b, UNLIKE_RESIDUAL)), rate_measure(blurred_b, OVERLAY_RESIDUAL))
        if measures.area <= MAX_OVERLAY_AREA
        else 0.0,
    )
    mirrored = min(
        rate_measure(measures.mirrored, MIRROR_CORRELATION),
        rate_measure(measures.mirrored - measures.correlation, MIRROR_CONTRAST),
    )
    rated = {
        "softer": softer,
        "pixelated": pixelated,
        "regraded": regraded,
        "text_or_logo_added": overlaid,
        "mirrored": mirrored,
    }
    if measures.area >= WHOLE_AREA:
        for kind, confidence in _rate_whole_picture(measures).items():
            rated[kind] = max(rated.get(kind, 0.0), confidence)
    return rated


def _rate_whole_picture(measures: BoxMeasures) -> dict[str, float]:
    """Return the confidence in the kinds that only the detail of the whole picture tells."""
    blurred = measures.blur_residual[0]
    allowance = SOFT_RESIDUAL_SHARE * max(0.0, measures.coherence)
    common_in_a, common_in_b = (measures.coherence * 2 ** (sign * measures.detail) for sign in (-1, 1))
    softer = min(
        rate_measure(blurred - allowance, SOFT_RESIDUAL),
        rate_measure(-measures.detail, SOFT_DETAIL),
        rate_measure(measures.steps, SOFT_STEPS),
        1.0 if blurred <= SOFT_CLEAR else rate_measure(common_in_a, SOFT_GAIN),
    )
    faintly_softer = min(
        rate_measure(common_in_a, FAINT_GAIN),
        rate_measure(measures.coherence, FAINT_COHERENCE),
        rate_measure(-measures.detail, FAINT_DETAIL),
        rate_measure(measures.colour_residual, FAINT_COLOURS),
    )
    noisier = min(
        rate_measure(measures.grain, NOISE_GRAIN),
        rate_measure(common_in_b, NOISE_GAIN),
        rate_measure(measures.coarseness, NOISE_COARSENESS),
        rate_measure(measures.correlation, NOISE_CORRELATION),
        rate_measure(measures.colour_residual, NOISE_COLOURS),
    )
    in_blocks = min(rate_measure(measures.steps, BLOCKS_STEPS), rate_measure(measures.coherence, BLOCKS_COHERENCE))
    on_grid = rate_measure(measures.grid[1], BLOCKS_GRID)
    return {"softer": max(softer, faintly_softer), "noisier": noisier, "pixelated": max(in_blocks, on_grid)}
