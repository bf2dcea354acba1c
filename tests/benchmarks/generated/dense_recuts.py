"""Dense recuts: six to ten edits of all kinds in a minute, many of which touch the next one.

The truth of a recut may have alternatives: of two swapped shots, either one has moved.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from PIL import Image, ImageDraw

from tests.benchmarks.generated import edits
from tests.benchmarks.generated.bases import HEIGHT, WIDTH, Frames, film, grainy, pan, photograph, photographs, wander
from tests.benchmarks.generated.bases import animation as draw_animation
from tests.benchmarks.generated.bases import slides as draw_slides
from tests.benchmarks.generated.bases import talk as draw_talk
from tests.benchmarks.generated.edits import Box, Edited, Span, Truth

SECONDS = 60
EDITS = (6, 10)  # in a recut, at least and at most
GAPS_SECONDS = (0.0, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)  # of untouched footage between two edits
LENGTHS_SECONDS = (0.5, 3.5)  # of an edit
MOVED_SECONDS = (1.5, 3.0)
ROOM_SECONDS = 1.0  # of untouched footage on both sides of the place to which a shot is moved
PASSED_SHARE = 1.5  # seconds that a shot passes, relative to its own; if they were fewer, those would have moved
PAINTED = {
    "logo": edits.logo(0.16, 0.2, 1),
    "small logo": edits.logo(0.09, 0.12, 1),
    "subtitle": edits.subtitle,
    "blur": edits.blur,
    "pixelate": edits.pixelate,
    "grade": edits.over_frame(edits.graded),
}
KINDS = ("logo", "small logo", "subtitle", "blur", "pixelate", "grade", *("replace", "delete", "insert") * 3)
DISPLACED = ("move", "swap")


@dataclass(frozen=True)
class Footage:
    """A kind of footage. `render` takes a seed and returns a minute of frames."""

    rate: int
    render: Callable[[int], Frames]


def _repeat_film(seed: int) -> Frames:
    """Return a minute of shots; the second half has none of the real clips, because no shot repeats."""
    rng = np.random.default_rng(seed)
    first = film(seed)
    shots = [first]
    while sum(map(len, shots)) < SECONDS * 24:
        shots.append(pan(str(rng.choice(photographs())), int(rng.integers(24, 96)), int(rng.integers(1 << 30))))
    return np.concatenate(shots)[: SECONDS * 24]


def _join_scenes(draw: Callable[[int], Frames], rate: int) -> Callable[[int], Frames]:
    def render(seed: int) -> Frames:
        frames: list[Frames] = []
        while sum(map(len, frames)) < SECONDS * rate:
            frames.append(draw(seed * 100 + len(frames)))
        return np.concatenate(frames)[: SECONDS * rate]

    return render


def hold_camera(seed: int, rate: int = 25) -> Frames:
    """Return what a hand-held camera sees: a street that shakes, and people who cross it."""
    rng = np.random.default_rng(seed)
    count = SECONDS * rate
    wide = photograph(str(rng.choice(photographs()))).resize((WIDTH * 3 // 2, HEIGHT * 3 // 2))
    shake = wander(rng, count, rate, 22) + wander(rng, count, rate, 3)
    people = [(wander(rng, count, rate, 140), rng.integers(0, 255, 3), int(rng.integers(10, 26))) for _ in range(3)]
    frames = []
    for index in range(count):
        x, y = shake[index] + np.array([WIDTH / 4, HEIGHT / 4])
        view = wide.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR, (x, y, x + WIDTH, y + HEIGHT))
        draw = ImageDraw.Draw(view)
        for path, colour, size in people:
            left, top = path[index] + np.array([WIDTH / 2 - x / 3, HEIGHT / 2 - y / 3])
            draw.ellipse((left, top, left + size, top + 2 * size), fill=tuple(int(value) for value in colour))
        frames.append(grainy(np.asarray(view), rng, 3))
    return np.stack(frames)


def drift_slowly(seed: int, rate: int = 25) -> Frames:
    """Return one slow camera movement over a picture, a few pixels a second."""
    rng = np.random.default_rng(seed)
    count = SECONDS * rate
    wide = photograph(str(rng.choice(photographs()))).resize((WIDTH * 3, HEIGHT * 3))
    way = np.cumsum(np.abs(wander(rng, count, rate, 0.25)) + 0.05, axis=0)
    way *= np.minimum(1.0, (np.array(wide.size) - (WIDTH, HEIGHT) - 4) / way[-1])
    frames = []
    for x, y in way:
        view = wide.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR, (x, y, x + WIDTH, y + HEIGHT))
        frames.append(grainy(np.asarray(view), rng, 2))
    return np.stack(frames)


FOOTAGE = {
    "film": Footage(24, _repeat_film),
    "animation": Footage(30, _join_scenes(lambda seed: draw_animation(seed, 30), 30)),
    "hand-held": Footage(25, hold_camera),
    "static": Footage(25, lambda seed: draw_talk(seed, SECONDS, 25)),
    "slow": Footage(25, drift_slowly),
    "slides": Footage(15, _join_scenes(lambda seed: draw_slides(seed, 15), 15)),
}


@dataclass(frozen=True)
class _Piece:
    """A piece of B: a span of A as it is or with something painted on it, or new footage. `moves`: it has moved."""

    a: Span | None
    frames: Frames
    box: Box | None = None
    moves: int | None = None  # number of the move or swap that it belongs to
    is_second: bool = False  # of two swapped shots, the later one in A


def recut_densely(frames: Frames, rate: int, rng: np.random.Generator) -> tuple[Edited, list[list[Truth]]]:
    """Return the recut, and its possible truths, of which the first is also in the recut itself."""
    pieces = _place_moved(list(_cut_pieces(frames, rate, rng)), rate, rng)
    created = np.concatenate([piece.frames for piece in pieces])
    swaps = sorted({piece.moves for piece in pieces if piece.is_second})
    truths = []
    for chosen in product((False, True), repeat=len(swaps)):
        second_moves = dict(zip(swaps, chosen, strict=True))
        truths.append(_tell_truth(pieces, len(frames), second_moves))
    options = {"crf": str(rng.integers(20, 29))}
    return Edited(created, truths[0], options=options), truths


def _cut_pieces(frames: Frames, rate: int, rng: np.random.Generator) -> Iterator[_Piece]:
    """Yield the pieces of B in A's order; those that move have not moved yet, and swapped shots have changed places."""
    count = int(rng.integers(EDITS[0], EDITS[1] + 1))
    kinds = [*DISPLACED[: int(rng.integers(0, 3))]]
    kinds += [str(kind) for kind in rng.choice(KINDS, count - len(kinds))]
    rng.shuffle(kinds)
    plan: list[tuple[str, int, int]] = []
    for kind in kinds:
        gap = round(float(rng.choice(GAPS_SECONDS)) * rate)
        length = round(rng.uniform(*(MOVED_SECONDS if kind in DISPLACED else LENGTHS_SECONDS)) * rate)
        plan.append((kind, gap, 0 if kind == "insert" else length * (2 if kind == "swap" else 1)))
    while (spare := len(frames) - sum(gap + length for _, gap, length in plan)) < 4 * rate:
        plan.pop()
    head = int(rng.integers(rate, max(rate + 1, spare - rate)))
    more = (max(0, spare - head - 2 * rate)) // len(plan)  # so that the edits are spread in several groups
    yield _Piece((0, head), frames[:head])
    at = head
    for number, (kind, gap, length) in enumerate(plan):
        end = at + length
        if kind in PAINTED:
            painted, box = _paint(frames[at:end], PAINTED[kind], rng)
            yield _Piece((at, end), painted, box)
        elif kind == "replace":
            new = round(length * float(rng.choice([0.6, 1.0, 1.0, 1.5])))
            yield _Piece(None, pan(str(rng.choice(photographs())), new, int(rng.integers(1 << 30)), grain=3))
        elif kind == "insert":
            new = round(rng.uniform(*LENGTHS_SECONDS) * rate)
            yield _Piece(None, pan(str(rng.choice(photographs())), new, int(rng.integers(1 << 30)), grain=3))
        elif kind == "move":
            yield _Piece((at, end), frames[at:end], moves=number)
        elif kind == "swap":
            middle = (at + end) // 2
            yield _Piece((middle, end), frames[middle:end], moves=number, is_second=True)
            yield _Piece((at, middle), frames[at:middle], moves=number)
        gap += more if rng.random() < 0.3 else 0
        if gap:
            yield _Piece((end, min(len(frames), end + gap)), frames[end : end + gap])
        at = end + gap
    yield _Piece((at, len(frames)), frames[at:])


def _paint(frames: Frames, paint: Callable, rng: np.random.Generator) -> tuple[Frames, Box | None]:
    """Return painted frames and the box of what is visible. The frames stay as they are if nothing ever is."""
    for _ in range(edits.MAX_DRAWS):
        painted = paint(frames.copy(), rng)[0]
        if box := edits.find_visible(frames, painted):
            return painted, box
    return frames, None


def _place_moved(pieces: list[_Piece], rate: int, rng: np.random.Generator) -> list[_Piece]:
    """Return the pieces with each moved one in the middle of a later or earlier untouched piece."""
    swapped = {piece.moves for piece in pieces if piece.is_second}
    for piece in [each for each in pieces if each.moves is not None and each.moves not in swapped]:
        origin = pieces.index(piece)
        room = round(ROOM_SECONDS * rate)
        places = []
        for place, other in enumerate(pieces):
            if not _is_untouched(other) or len(other.frames) < 2 * room:
                continue
            between = pieces[min(place, origin) + 1 : max(place, origin)]
            passed = sum(len(each.frames) for each in between if each.a and each.moves is None)
            if passed + len(other.frames) / 2 >= PASSED_SHARE * len(piece.frames):
                places.append(place)
        if not places:
            pieces[origin] = replace(piece, moves=None)
            continue
        place = int(rng.choice(places))
        target = pieces[place]
        start, end = target.a or (0, 0)
        middle = len(target.frames) // 2
        halves = [
            _Piece((start, start + middle), target.frames[:middle]),
            piece,
            _Piece((start + middle, end), target.frames[middle:]),
        ]
        pieces = [*pieces[:place], *halves, *pieces[place + 1 :]]
        del pieces[origin if origin < place else origin + 2]
    return pieces


def _is_untouched(piece: _Piece) -> bool:
    return piece.a is not None and piece.box is None and piece.moves is None


def _tell_truth(pieces: list[_Piece], count: int, second_moves: dict[int, bool]) -> list[Truth]:
    """Return the truth. Touching pieces of one kind are one, and a deletion where something is inserted replaces it."""
    truth: list[Truth] = []
    at_b = 0
    end_a = 0  # of the last piece that is in order on both sides
    moved_a = [piece.a for piece in pieces if piece.a and _has_moved(piece, second_moves)]
    new_b: list[Span] = []
    for piece in [*pieces, None]:
        length = len(piece.frames) if piece else 0
        span_b = (at_b, at_b + length)
        at_b += length
        if piece and piece.a is None:
            new_b.append(span_b)
            continue
        if piece and _has_moved(piece, second_moves):
            truth.append(Truth("moved", piece.a, span_b))
            continue
        start_a = piece.a[0] if piece and piece.a else count
        gone = _subtract((end_a, start_a), moved_a)
        new = _join(new_b)
        for old_span, new_span in zip(gone, new, strict=False):
            truth.append(Truth("changed", old_span, new_span))
        truth += [Truth("deleted", span, None) for span in gone[len(new) :]]
        truth += [Truth("inserted", None, span) for span in new[len(gone) :]]
        new_b = []
        if piece and piece.a:
            if piece.box:
                truth.append(Truth("changed", piece.a, span_b, piece.box))
            end_a = piece.a[1]
    return truth


def _has_moved(piece: _Piece, second_moves: dict[int, bool]) -> bool:
    if piece.moves is None:
        return False
    return piece.moves not in second_moves or piece.is_second == second_moves[piece.moves]


def _subtract(span: Span, taken: list[Span]) -> list[Span]:
    left, start = [], span[0]
    for low, high in sorted(taken):
        if high <= start or low >= span[1]:
            continue
        if low > start:
            left.append((start, low))
        start = max(start, high)
    if start < span[1]:
        left.append((start, span[1]))
    return left


def _join(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in spans:
        if joined and joined[-1][1] == span[0]:
            joined[-1] = (joined[-1][0], span[1])
        else:
            joined.append(span)
    return joined
