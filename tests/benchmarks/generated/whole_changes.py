"""Edits of the whole video: speed, colours, geometry and colour tags, alone and with another edit beneath."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import permutations

import numpy as np
from PIL import Image

from tests.benchmarks.generated.bases import HEIGHT, WIDTH, Frames, pan, photograph, photographs
from tests.benchmarks.generated.edits import Edit, Edited, deleted, graded, inserted, local, logo, over_all
from tests.benchmarks.generated.interval_edits import INTERVALS

OTHER_RATES = {10: 15, 12: 20, 15: 25, 24: 30, 25: 30, 30: 24, 50: 30, 60: 25}
NEAR_RATES = {10: 11, 12: 13, 15: 16, 24: 25, 25: 24, 30: 25, 50: 60, 60: 50}
ASPECT = WIDTH / HEIGHT

Paint = Callable[[Frames, np.random.Generator], Frames]


def _sped(then: Edit | None = None, other_rate: bool = False) -> Edit:
    """Play at 0.5 to 2 times the speed, by dropping or repeating frames, and apply another edit to the result."""

    def edit(frames: Frames, rate: int, rng: np.random.Generator) -> Edited:
        times = float(np.exp(rng.uniform(0.15, np.log(2)) * rng.choice([-1, 1])))
        new = OTHER_RATES[rate] if other_rate else rate
        seconds = len(frames) / rate / times
        played = frames[
            (np.arange(int(seconds * new)) * times * rate / new + 1e-6).astype(int).clip(0, len(frames) - 1)
        ]
        created = then(played, new, rng) if then else Edited(played)
        created.truth = [
            replace(each, a=each.a and tuple(frame * times * rate / new for frame in each.a)) for each in created.truth
        ]
        created.transforms.append("speed")
        created.rate_of = lambda _: new
        return created

    return edit


def _negated(frames: Frames, rng: np.random.Generator) -> Frames:
    return 255 - frames


def _swapped(frames: Frames, rng: np.random.Generator) -> Frames:
    """Exchange the colour channels in a random order."""
    orders = list(permutations(range(3)))[1:]
    return frames[..., list(orders[int(rng.integers(len(orders)))])]


def _grey(frames: Frames, rng: np.random.Generator) -> Frames:
    luma = frames @ np.array([0.299, 0.587, 0.114], np.float32)
    return np.repeat(np.rint(luma)[..., None], 3, axis=-1).astype(np.uint8)


def _warp(frames: Frames, x: np.ndarray, y: np.ndarray) -> Frames:
    """Return the frames sampled at pixel centres (rows, columns), bilinearly; black outside."""
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    right_share, low_share = (x - left)[..., None].astype(np.float32), (y - top)[..., None].astype(np.float32)
    inside = ((x >= -0.5) & (x <= WIDTH - 0.5) & (y >= -0.5) & (y <= HEIGHT - 0.5))[..., None]
    columns = [each.clip(0, WIDTH - 1) for each in (left, left + 1)]
    rows = [each.clip(0, HEIGHT - 1) for each in (top, top + 1)]
    warped = np.empty_like(frames)
    for index, frame in enumerate(frames):
        above = frame[rows[0], columns[0]] * (1 - right_share) + frame[rows[0], columns[1]] * right_share
        below = frame[rows[1], columns[0]] * (1 - right_share) + frame[rows[1], columns[1]] * right_share
        warped[index] = (above * (1 - low_share) + below * low_share) * inside
    return warped


def _centred_grid() -> tuple[np.ndarray, np.ndarray]:
    """Return x and y (rows, columns) of each pixel, relative to the centre of the frame."""
    x, y = np.meshgrid(np.arange(WIDTH) + 0.5 - WIDTH / 2, np.arange(HEIGHT) + 0.5 - HEIGHT / 2)
    return x, y


def _rotated(frames: Frames, rng: np.random.Generator) -> Frames:
    """Rotate by 1 to 10 degrees, with black corners or enlarged so that there are none."""
    turn = np.deg2rad(rng.uniform(1, 10) * rng.choice([-1, 1]))
    zoom = np.cos(turn) + ASPECT * abs(np.sin(turn)) if rng.random() < 0.5 else 1.0
    x, y = _centred_grid()
    x, y = (np.cos(turn) * x + np.sin(turn) * y) / zoom, (np.cos(turn) * y - np.sin(turn) * x) / zoom
    return _warp(frames, x + WIDTH / 2 - 0.5, y + HEIGHT / 2 - 0.5)


def _lens(frames: Frames, rng: np.random.Generator) -> Frames:
    """Move the corners by 4 to 15 % of their distance from the centre: barrel or pincushion."""
    strength = rng.uniform(0.04, 0.15) * rng.choice([-1, 1])
    x, y = _centred_grid()
    factor = 1 + strength * (x**2 + y**2) / ((WIDTH / 2) ** 2 + (HEIGHT / 2) ** 2)
    return _warp(frames, x * factor + WIDTH / 2 - 0.5, y * factor + HEIGHT / 2 - 0.5)


def _inset_box(rng: np.random.Generator) -> tuple[int, int, int, int]:
    """Return left, top, width and height in pixels of a picture in picture."""
    size = rng.uniform(0.4, 0.8)
    width, height = round(WIDTH * size), round(HEIGHT * size)
    left, top = (int(rng.integers(8, space - 8)) for space in (WIDTH - width, HEIGHT - height))
    return left, top, width, height


def _framed(then_logo: bool, still: bool) -> Edit:
    """Show A smaller over a photograph, or over a moving camera picture; `then_logo` adds a logo inside the picture."""

    def edit(frames: Frames, rate: int, rng: np.random.Generator) -> Edited:
        left, top, width, height = _inset_box(rng)
        changed = local(logo(0.2, 0.25, 1))(frames, rate, rng) if then_logo else Edited(frames)
        name = str(rng.choice(photographs()))
        if still:
            created = np.repeat(np.asarray(photograph(name).resize((WIDTH, HEIGHT)))[None], len(frames), axis=0)
        else:
            created = pan(name, len(frames), int(rng.integers(1 << 30)))
        for shown, frame in zip(created, changed.frames, strict=True):
            small = Image.fromarray(frame).resize((width, height), Image.Resampling.BOX)
            shown[top : top + height, left : left + width] = np.asarray(small)
        for each in changed.truth:
            x, y, wide, high = each.box or (0.0, 0.0, 1.0, 1.0)
            box = (
                (left + x * width) / WIDTH,
                (top + y * height) / HEIGHT,
                wide * width / WIDTH,
                high * height / HEIGHT,
            )
            changed.truth = [replace(each, box=box)]
        return Edited(created, changed.truth, ["inset"])

    return edit


def _encoded_as(colours: dict[str, str], tags: str, transforms: tuple[str, ...] = (), then: Edit | None = None) -> Edit:
    """Convert with another matrix or range (see `tests.footage.write`), and tag the stream in x264's words."""

    def edit(frames: Frames, rate: int, rng: np.random.Generator) -> Edited:
        created = then(frames, rate, rng) if then else Edited(frames)
        created.colours = colours
        created.options = {**created.options, "x264-params": tags} if tags else created.options
        created.transforms += transforms
        return created

    return edit


def _mix(frames: Frames, rate: int, new: int) -> Frames:
    """Return the frames at another rate, each a mix of the two nearest frames."""
    at = np.arange(int(len(frames) * new / rate)) * rate / new
    low = at.astype(int)
    share = (at - low).astype(np.float32)[:, None, None, None]
    following = frames[(low + 1).clip(0, len(frames) - 1)]
    mixed = np.empty((len(at), *frames.shape[1:]), np.uint8)
    for place in range(len(at)):
        mixed[place] = frames[low[place]] * (1 - share[place]) + following[place] * share[place] + 0.5
    return mixed


def _blended(rates: dict[int, int], then: Edit | None = None) -> Edit:
    """Apply another edit, and change the frame rate by mixing the two nearest frames."""
    return _converted(lambda frames, rate: _mix(frames, rate, rates[rate]), lambda rate: rates[rate], then)


def _pulled_down(weave: Callable[[Frames, Frames], Frames], then: Edit | None = None) -> Edit:
    """Apply another edit, and show four frames as five by 2:3 pulldown: two of the five are woven from two frames."""

    def convert(frames: Frames, rate: int) -> Frames:
        missing = -len(frames) % 4
        groups = np.concatenate([frames, np.repeat(frames[-1:], missing, axis=0)])
        first, second, third, fourth = (groups[place::4] for place in range(4))
        shown = np.stack([first, second, weave(second, third), weave(third, fourth), fourth], axis=1)
        return shown.reshape(-1, *frames.shape[1:])[: len(frames) * 5 // 4]

    return _converted(convert, lambda rate: Fraction(rate * 5, 4), then)


def _weave(upper: Frames, lower: Frames) -> Frames:
    woven = upper.copy()
    woven[:, 1::2] = lower[:, 1::2]
    return woven


def _weave_lower_first(first: Frames, second: Frames) -> Frames:
    return _weave(second, first)


def _average(first: Frames, second: Frames) -> Frames:
    return ((first.astype(np.uint16) + second + 1) // 2).astype(np.uint8)


def _converted(
    convert: Callable[[Frames, int], Frames], rate_of: Callable[[int], int | Fraction], then: Edit | None
) -> Edit:
    def edit(frames: Frames, rate: int, rng: np.random.Generator) -> Edited:
        created = then(frames, rate, rng) if then else Edited(frames)
        created.frames = convert(created.frames, rate)
        ratio = float(rate_of(rate) / rate)
        created.truth = [replace(each, b=each.b and tuple(frame * ratio for frame in each.b)) for each in created.truth]
        created.rate_of = rate_of
        return created

    return edit


def _clipped(frames: Frames, rng: np.random.Generator) -> Frames:
    """Raise the contrast so that highlights or blacks are clipped."""
    gain, offset = [(1.35, 10.0), (1.35, -70.0)][int(rng.integers(2))]
    return (frames * np.float32(gain) + np.float32(offset)).clip(0, 255).astype(np.uint8)


LOGO, DELETED, INSERTED = local(logo(0.16, 0.2, 1)), deleted(3), inserted(3)
DETAIL = ("soft-1.5", "soft-3", "sharp-150", "noise-12", "pixels-8", "collapse-6")
BT709 = {"dst_colorspace": "ITU709"}
FULL = {"dst_color_range": "JPEG"}


def _with_edits(kind: str, change: Paint, *names: str) -> dict[str, Edit]:
    edits = {"": None, "-logo": LOGO, "-delete": DELETED, "-insert": INSERTED}
    return {f"{kind}{name}": over_all(kind, change, edits[name]) for name in ("", *names)}


def _recoloured(name: str, change: Paint) -> dict[str, Edit]:
    return {
        f"{name}{suffix}": over_all("recolour", change, then)
        for suffix, then in (("", None), ("-logo", LOGO), ("-delete", DELETED))
    }


def _with_detail(name: str, make: Callable[[Edit], Edit]) -> dict[str, Edit]:
    """Return edits of the detail of an interval beneath a change of the whole video."""
    return {f"{name}-{of_detail}": make(INTERVALS[of_detail]) for of_detail in DETAIL}


# Edits by row of the table that is printed.
ROWS: dict[str, dict[str, Edit]] = {
    "speed 0.5 to 2": {
        "whole-speed": _sped(),
        "whole-speed-delete": _sped(DELETED),
        "whole-speed-insert": _sped(INSERTED),
        "whole-speed-logo": _sped(LOGO),
        "whole-speed-rate": _sped(None, other_rate=True),
        "whole-speed-rate-delete": _sped(DELETED, other_rate=True),
    },
    "negative": _recoloured("negative", _negated),
    "channels swapped": _recoloured("swapped", _swapped),
    "grey": _recoloured("grey", _grey),
    "rotated 1 to 10 degrees": _with_edits("rotation", _rotated, "-logo", "-delete"),
    "lens distortion": _with_edits("lens", _lens, "-logo", "-delete"),
    "picture in picture": {
        "inset-still": _framed(then_logo=False, still=True),
        "inset-moving": _framed(then_logo=False, still=False),
        "inset-still-logo": _framed(then_logo=True, still=True),
        "inset-moving-logo": _framed(then_logo=True, still=False),
    },
    "matrix or range, right tag": {
        "right-matrix": _encoded_as(BT709, "colormatrix=bt709"),
        "right-matrix-logo": _encoded_as(BT709, "colormatrix=bt709", (), LOGO),
        "right-range": _encoded_as(FULL, "fullrange=on"),
        "right-range-logo": _encoded_as(FULL, "fullrange=on", (), LOGO),
    },
    "matrix or range, wrong tag": {
        "wrong-matrix": _encoded_as(BT709, "colormatrix=smpte170m", ("colour_matrix",)),
        "wrong-matrix-logo": _encoded_as(BT709, "colormatrix=smpte170m", ("colour_matrix",), LOGO),
        "wrong-range": _encoded_as(FULL, "", ("colour_range",)),
        "wrong-range-logo": _encoded_as(FULL, "", ("colour_range",), LOGO),
    },
    "blended rate, pulldown": {
        "blended-rate": _blended(OTHER_RATES),
        "blended-rate-logo": _blended(OTHER_RATES, LOGO),
        "blended-rate-delete": _blended(OTHER_RATES, DELETED),
        "blended-near-rate": _blended(NEAR_RATES),
        "blended-near-rate-logo": _blended(NEAR_RATES, LOGO),
        "woven-pulldown": _pulled_down(_weave),
        "woven-pulldown-logo": _pulled_down(_weave, LOGO),
        "woven-pulldown-delete": _pulled_down(_weave, DELETED),
        "lower-first-pulldown": _pulled_down(_weave_lower_first),
        "averaged-pulldown": _pulled_down(_average),
        "averaged-pulldown-logo": _pulled_down(_average, LOGO),
    },
    "grade that clips": {
        "clipped": over_all("grade", _clipped),
        "clipped-logo": over_all("grade", _clipped, LOGO),
    },
    "softer, noisier and so on, under a grade": {
        **_with_detail("graded", lambda then: over_all("grade", lambda frames, rng: graded(frames), then)),
        **_with_detail("clipped", lambda then: over_all("grade", _clipped, then)),
    },
    "softer, noisier and so on, under a blended rate": {
        **_with_detail("blended", lambda then: _blended(OTHER_RATES, then)),
        **_with_detail("averaged", lambda then: _pulled_down(_average, then)),
    },
}
WHOLE: dict[str, Edit] = {name: edit for edits in ROWS.values() for name, edit in edits.items()}
