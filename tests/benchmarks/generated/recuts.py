"""Recuts: an edit in the picture, a deletion and a move close together, as a second cut of a film has them."""

import numpy as np

from tests.benchmarks.generated.bases import Frames
from tests.benchmarks.generated.edits import Edit, Edited, Truth, logo

PIECE_SECONDS = 2.0  # of the deletion and of the move
LOGO_SECONDS = (2.0, 4.0)
GAPS_SECONDS = (0.0, 1.5, 3.0)  # of untouched footage between two edits
PASSED_SECONDS = 3.0  # of footage that the moved piece passes at least; if it were shorter, that would have moved


def recut(frames: Frames, rate: int, rng: np.random.Generator) -> Edited:
    """Return footage with a logo, a deletion and a move in random order; the moved piece goes after the last edit."""
    kinds = list(rng.permutation(["logo", "delete", "move"]))
    lengths = {
        "logo": round(rng.uniform(*LOGO_SECONDS) * rate),
        "delete": round(PIECE_SECONDS * rate),
        "move": round(PIECE_SECONDS * rate),
    }
    gaps = [round(float(rng.choice(GAPS_SECONDS)) * rate) for _ in kinds]
    gaps[-1] = round(PASSED_SECONDS * rate)
    total = sum(lengths.values()) + sum(gaps)
    at = int(rng.integers(rate, max(rate + 1, len(frames) - total - rate)))
    pieces, truth, length_b = [frames[:at]], [], at
    cut: tuple[int, int] = (0, 0)
    for kind, gap in zip(kinds, gaps, strict=True):
        span = (at, at + lengths[kind])
        if kind == "logo":
            painted, box = logo(0.16, 0.2, 1)(frames[slice(*span)].copy(), rng)
            truth.append(Truth("changed", span, (length_b, length_b + lengths[kind]), box))
            pieces.append(painted)
            length_b += lengths[kind]
        elif kind == "delete":
            truth.append(Truth("deleted", span, None))
        else:
            cut = span
        pieces.append(frames[span[1] : span[1] + gap])
        length_b += gap
        at = span[1] + gap
    truth.append(Truth("moved", cut, (length_b, length_b + cut[1] - cut[0])))
    pieces += [frames[slice(*cut)], frames[at:]]
    return Edited(np.concatenate(pieces), truth)


RECUTS: dict[str, Edit] = {"recut": recut}
