"""Edits of the whole picture over an interval: sharpness, noise, blocks, and transitions in place of hard cuts."""

import io
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from tests.benchmarks.generated.bases import HEIGHT, WIDTH, Frames
from tests.benchmarks.generated.edits import MAX_DRAWS, Edit, Edited, Truth, faster_over, local

MOVING_LEVELS = 1.5  # mean levels between neighbouring frames that move
CUT_LEVELS = 25.0  # mean levels by which the frames at a hard cut differ
ROOM_SECONDS = 1.2  # seconds without another cut beside the one that becomes a transition

Paint = Callable[[Frames, np.random.Generator], tuple[Frames, tuple[float, float, float, float]]]
Mask = Callable[[float], np.ndarray]
Mix = Callable[[np.ndarray, np.ndarray, float], np.ndarray]  # frames of the shots before and after, share of the latter
Path = Callable[[float], tuple[float, float]]
CARD = 0.16, 0.18  # width and height of a moving card, as shares of the frame


def _over_pictures(change: Callable[[Image.Image], Image.Image]) -> Paint:
    def paint(frames: Frames, rng: np.random.Generator) -> tuple[Frames, tuple[float, float, float, float]]:
        return np.stack([np.asarray(change(Image.fromarray(frame))) for frame in frames]), (0.0, 0.0, 1.0, 1.0)

    return paint


def softened(radius: float) -> Edit:
    return local(_over_pictures(lambda picture: picture.filter(ImageFilter.GaussianBlur(radius))), 3)


def sharpened(percent: int) -> Edit:
    return local(_over_pictures(lambda picture: picture.filter(ImageFilter.UnsharpMask(2, percent, 0))), 3)


def noisier(levels: float) -> Edit:
    def paint(frames: Frames, rng: np.random.Generator) -> tuple[Frames, tuple[float, float, float, float]]:
        noise = rng.normal(0, levels, frames.shape[:3]).astype(np.float32)[..., None]
        return (frames + noise).clip(0, 255).astype(np.uint8), (0.0, 0.0, 1.0, 1.0)

    return local(paint, 3)


def pixelated(block: int) -> Edit:
    size = (WIDTH // block, HEIGHT // block)

    def change(picture: Image.Image) -> Image.Image:
        small = picture.resize(size, Image.Resampling.BOX)
        return small.resize((WIDTH, HEIGHT), Image.Resampling.NEAREST)

    return local(_over_pictures(change), 3)


def collapsed(quality: int) -> Edit:
    """Store each picture with so few bits that blocks show, as an encoder does that ran out of them."""

    def change(picture: Image.Image) -> Image.Image:
        stored = io.BytesIO()
        picture.save(stored, "JPEG", quality=quality)
        return Image.open(stored).convert("RGB")

    return local(_over_pictures(change), 3)


def zoomed(times: float) -> Edit:
    """Show a part of the picture, at a random place, in its full size."""

    def paint(frames: Frames, rng: np.random.Generator) -> tuple[Frames, tuple[float, float, float, float]]:
        wide, high = WIDTH / times, HEIGHT / times
        left, top = rng.uniform(0, WIDTH - wide), rng.uniform(0, HEIGHT - high)
        box = (left, top, left + wide, top + high)
        return _over_pictures(lambda picture: picture.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC, box))(
            frames, rng
        )

    return local(paint, 3)


def moving(path: Path) -> Edit:
    """Show a card for four seconds that moves along a path, from share 0 to 1 of the room beside it on each axis."""
    wide, high = round(WIDTH * CARD[0]), round(HEIGHT * CARD[1])
    card = Image.new("RGB", (wide, high), "#f0dc28")
    ImageDraw.Draw(card).rectangle((wide // 6, high // 4, wide // 2, high // 2), "#141414")
    ImageDraw.Draw(card).rectangle((wide // 3, high // 2, wide * 5 // 6, high * 3 // 4), "#a01414")

    def find_corner(share: float) -> tuple[int, int]:
        x, y = path(share)
        return int(x * (WIDTH - wide)), int(y * (HEIGHT - high))

    def edit(frames: Frames, rate: int, rng: np.random.Generator) -> Edited:
        corners = [find_corner(share) for share in np.linspace(0, 1, 4 * rate)]

        def paint(shown: Frames, rng: np.random.Generator) -> tuple[Frames, tuple[float, float, float, float]]:
            for frame, (x, y) in zip(shown, corners, strict=False):
                frame[y : y + high, x : x + wide] = card
            return shown, (0.0, 0.0, 1.0, 1.0)

        created = local(paint, 4)(frames, rate, rng)
        (left, top), (right, bottom) = (extreme(corners, axis=0) for extreme in (np.min, np.max))
        box = left / WIDTH, top / HEIGHT, (right + wide - left) / WIDTH, (bottom + high - top) / HEIGHT
        created.truth = [replace(truth, box=box) for truth in created.truth]
        return created

    return edit


def frozen(frames: Frames, rate: int, rng: np.random.Generator) -> Edited:
    """Hold a picture for two seconds, over footage that moves."""
    for _ in range(MAX_DRAWS):
        start = int(rng.integers(rate, len(frames) - 3 * rate))
        span = start, start + 2 * rate
        shown = frames[slice(*span)].astype(np.int16)
        if np.abs(np.diff(shown, axis=0)).mean(axis=(1, 2, 3)).min() > MOVING_LEVELS:
            created = frames.copy()
            created[slice(*span)] = frames[start - 1]
            return Edited(created, [Truth("changed", span, span)])
    raise ValueError("This base has no two seconds that move.")


def transition(mix: Mix, seconds: float) -> Edit:
    """Replace a hard cut by a transition. Beyond the cut, a shot goes on with its frames in reverse."""

    def edit(frames: Frames, rate: int, rng: np.random.Generator) -> Edited:
        half = max(2, round(seconds * rate / 2))
        cut = int(rng.choice(_find_cuts(frames, max(half + 2, round(ROOM_SECONDS * rate)))))
        created = frames.copy()
        for step in range(-half, half):
            near = cut + step
            beyond = 2 * cut - 1 - near
            before, after = (frames[near], frames[beyond]) if step < 0 else (frames[beyond], frames[near])
            created[near] = mix(before, after, (step + half + 0.5) / (2 * half))
        span = cut - half, cut + half
        return Edited(created, [Truth("changed", span, span, (0.0, 0.0, 1.0, 1.0))])

    return edit


def _find_cuts(frames: Frames, room: int) -> list[int]:
    apart = np.array([np.abs(one.astype(np.int16) - other).mean() for one, other in pairwise(frames)])
    cuts = np.flatnonzero(apart > CUT_LEVELS) + 1
    alone = [
        int(cut)
        for cut in cuts
        if room < cut < len(frames) - room and not any(0 < abs(int(other) - int(cut)) <= room for other in cuts)
    ]
    if not alone:
        raise ValueError("This base has no hard cut with room for a transition.")
    return alone


def masked(mask: Mask) -> Mix:
    """Show the second shot by a share of its own in each pixel."""

    def mix(before: np.ndarray, after: np.ndarray, share: float) -> np.ndarray:
        shares = mask(share)[..., None]
        return before * (1 - shares) + after * shares

    return mix


def push(before: np.ndarray, after: np.ndarray, share: float) -> np.ndarray:
    """Let the second shot push the first one out of the frame, to the left."""
    by = round(share * WIDTH)
    return np.concatenate([before[:, by:], after[:, :by]], axis=1)


def cover(before: np.ndarray, after: np.ndarray, share: float) -> np.ndarray:
    """Let the second shot come in over the first one, from above."""
    by = round(share * HEIGHT)
    return np.concatenate([after[HEIGHT - by :], before[by:]])


def uncover(before: np.ndarray, after: np.ndarray, share: float) -> np.ndarray:
    """Let the first shot leave to the right and show the second one."""
    by = round(share * WIDTH)
    return np.concatenate([after[:, :by], before[:, : WIDTH - by]], axis=1)


def dip(level: float) -> Mix:
    """Fade to a grey level and from it."""

    def mix(before: np.ndarray, after: np.ndarray, share: float) -> np.ndarray:
        shown = before if share < 0.5 else after
        return level + (shown - level) * abs(1 - 2 * share)

    return mix


def dissolve(share: float) -> np.ndarray:
    return np.full((HEIGHT, WIDTH), share, np.float32)


def wipe(share: float) -> np.ndarray:
    return (np.arange(WIDTH) < share * WIDTH).astype(np.float32)[None].repeat(HEIGHT, 0)


def iris(share: float) -> np.ndarray:
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    apart = np.hypot(rows - HEIGHT / 2, columns - WIDTH / 2)
    return (apart < share * np.hypot(HEIGHT, WIDTH) / 2).astype(np.float32)


INTERVALS: dict[str, Edit] = {
    "soft-0.8": softened(0.8),
    "soft-1.5": softened(1.5),
    "soft-3": softened(3),
    "sharp-150": sharpened(150),
    "sharp-300": sharpened(300),
    "noise-6": noisier(6),
    "noise-12": noisier(12),
    "pixels-4": pixelated(4),
    "pixels-8": pixelated(8),
    "collapse-12": collapsed(12),
    "collapse-6": collapsed(6),
    "freeze": frozen,
    "moving-across": moving(lambda share: (0.05 + 0.8 * share, 0.2 + 0.3 * share)),
    "moving-slowly": moving(lambda share: (0.3 + 0.15 * share, 0.6)),
    "moving-to-and-fro": moving(lambda share: (abs(2.5 * share % 2 - 1), abs(3.7 * share % 2 - 1))),
    "negative-range": local(_over_pictures(ImageOps.invert), 3),
    "grey-range": local(_over_pictures(lambda picture: picture.convert("L").convert("RGB")), 3),
    "zoom-1.15": zoomed(1.15),
    "zoom-1.5": zoomed(1.5),
    "speed-0.5": faster_over(0.5, 3),
    "speed-0.67": faster_over(2 / 3, 4),
    "speed-0.9": faster_over(0.9, 6),
    "speed-1.5": faster_over(1.5, 4),
    "speed-2": faster_over(2, 4),
}
TRANSITIONS: dict[str, Edit] = {
    "dissolve-0.5": transition(masked(dissolve), 0.5),
    "dissolve-1": transition(masked(dissolve), 1),
    "wipe-1": transition(masked(wipe), 1),
    "iris-1": transition(masked(iris), 1),
    "push-1": transition(push, 1),
    "cover-1": transition(cover, 1),
    "uncover-0.5": transition(uncover, 0.5),
    "dip-1": transition(dip(0), 1),
    "dip-white-1": transition(dip(255), 1),
}
