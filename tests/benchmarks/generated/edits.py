"""Edits with their truth: each one changes frames and states, to the frame, what it changed.

A case is a base, an edit and a seed. Spans of truth are in frames of their side until the case is rendered.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tests.benchmarks.generated.bases import HEIGHT, WIDTH, Frames, pan, photographs

Span = tuple[int, int]
Box = tuple[float, float, float, float]  # x, y, width, height as fractions

VISIBLE_LEVELS = 5.0
MAX_DRAWS = 50  # of a place and time at which the edit is visible
SPOKEN = ("we", "should", "have", "left", "when", "the", "river", "was", "low", "and", "still")


@dataclass(frozen=True)
class Truth:
    op: str
    a: Span | None
    b: Span | None
    box: Box | None = None


@dataclass
class Edited:
    """The frames of B, the truth of the edit, and how to encode B."""

    frames: Frames
    truth: list[Truth] = field(default_factory=list)
    transforms: list[str] = field(default_factory=list)  # kinds of transforms of the whole video
    codec: str = "libx264"
    options: dict[str, str] = field(default_factory=lambda: {"crf": "23"})
    size: tuple[int, int] | None = None
    colours: dict[str, str] = field(default_factory=dict)  # matrix and range of the encoding: see `footage.write`
    rate_of: Callable[[int], int | Fraction] = lambda rate: rate


Edit = Callable[[Frames, int, np.random.Generator], Edited]


def _stretch(count: int, length: int, rng: np.random.Generator) -> Span:
    """Choose a span in the middle, at least a twelfth of the video away from both ends."""
    margin = max(2, count // 12)
    length = min(length, count - 2 * margin - 2)
    start = int(rng.integers(margin, count - margin - length + 1))
    return start, start + length


def _donor(count: int, rng: np.random.Generator) -> Frames:
    return pan(str(rng.choice(photographs())), count, int(rng.integers(1 << 30)), grain=3)


# Re-encodes


def encoded(codec: str = "libx264", size: tuple[int, int] | None = None, **options: str) -> Edit:
    return lambda frames, rate, rng: Edited(frames, codec=codec, options=options, size=size)


def other_rate(frames: Frames, rate: int, rng: np.random.Generator) -> Edited:
    """Change the frame rate by repeating or dropping frames, never by blending."""
    new = {10: 15, 12: 20, 15: 25, 24: 30, 25: 30, 30: 24, 50: 30, 60: 25}[rate]
    shown = (np.arange(int(len(frames) * new / rate)) * rate / new + 1e-9).astype(int)
    return Edited(frames[shown.clip(0, len(frames) - 1)], rate_of=lambda _: new)


def mixed(frames: Frames, rate: int, rng: np.random.Generator) -> Edited:
    """Re-encode with a random codec, size and quality, and half the time another frame rate."""
    created = other_rate(frames, rate, rng) if rng.random() < 0.5 else Edited(frames)
    created.codec = str(rng.choice(["libx264", "libx265", "libvpx-vp9", "mpeg4"]))
    scale = float(rng.choice([0.5, 0.75, 1.0, 1.5]))
    created.size = round(WIDTH * scale / 2) * 2, round(HEIGHT * scale / 2) * 2
    rough = str(rng.integers(22, 37))
    bits = f"{round(1000 * scale * rng.uniform(0.4, 1))}k"
    created.options = {
        "libx264": {"crf": rough},
        "libx265": {"crf": rough, "preset": "ultrafast", "x265-params": "log-level=none:pools=1"},
        "libvpx-vp9": {"b": bits, "deadline": "realtime", "cpu-used": "8"},
        "mpeg4": {"b": bits},
    }[created.codec]
    return created


# Cuts


def inserted(seconds: float) -> Edit:
    def edit(frames: Frames, rate: int, rng: np.random.Generator) -> Edited:
        length = max(1, round(seconds * rate))
        at = int(rng.integers(len(frames) // 6, len(frames) * 5 // 6))
        created = np.concatenate([frames[:at], _donor(length, rng), frames[at:]])
        return Edited(created, [Truth("inserted", None, (at, at + length))])

    return edit


def deleted(seconds: float) -> Edit:
    def edit(frames: Frames, rate: int, rng: np.random.Generator) -> Edited:
        start, end = _stretch(len(frames), max(1, round(seconds * rate)), rng)
        return Edited(np.delete(frames, slice(start, end), 0), [Truth("deleted", (start, end), None)])

    return edit


def replaced(seconds: float, by: float) -> Edit:
    def edit(frames: Frames, rate: int, rng: np.random.Generator) -> Edited:
        start, end = _stretch(len(frames), round(seconds * rate), rng)
        new = _donor(max(1, round((end - start) * by / seconds)), rng)
        created = np.concatenate([frames[:start], new, frames[end:]])
        return Edited(created, [Truth("changed", (start, end), (start, start + len(new)))])

    return edit


def moved(frames: Frames, rate: int, rng: np.random.Generator) -> Edited:
    count = len(frames)
    length = min(round(3 * rate), count // 5)
    start = int(rng.integers(count // 10, count // 4))
    to = int(rng.integers(start + 2 * length, count - count // 10))
    cut = frames[start : start + length]
    created = np.concatenate([frames[:start], frames[start + length : to], cut, frames[to:]])
    return Edited(created, [Truth("moved", (start, start + length), (to - length, to))])


# Speed changes


def _faster(frames: Frames, times: float) -> Frames:
    """Change the speed by dropping frames, or by repeating them for slower playback, up to the end."""
    count = int(np.ceil(len(frames) / times - 1e-9))
    return frames[(np.arange(count) * times + 1e-9).astype(int)]


def faster_over(times: float, seconds: float) -> Edit:
    def edit(frames: Frames, rate: int, rng: np.random.Generator) -> Edited:
        start, end = _stretch(len(frames), round(seconds * rate), rng)
        played = _faster(frames[start:end], times)
        created = np.concatenate([frames[:start], played, frames[end:]])
        return Edited(created, [Truth("changed", (start, end), (start, start + len(played)))])

    return edit


# Changes in the frame


def local(paint: Callable[[Frames, np.random.Generator], tuple[Frames, Box]], seconds: float = 4) -> Edit:
    """Apply `paint` to a copy of a span of frames."""

    def edit(frames: Frames, rate: int, rng: np.random.Generator) -> Edited:
        for _ in range(MAX_DRAWS):
            span = _stretch(len(frames), round(seconds * rate), rng)
            created = frames.copy()
            created[span[0] : span[1]] = paint(created[span[0] : span[1]], rng)[0]
            if box := find_visible(frames[slice(*span)], created[slice(*span)]):
                return Edited(created, [Truth("changed", span, span, box)])
        raise ValueError("This edit is not visible in this base.")

    return edit


def find_visible(before: Frames, after: Frames) -> Box | None:
    """Return the box around the pixels that differ on average, or None. A blurred plain wall is no visible change."""
    apart = np.zeros((HEIGHT, WIDTH), np.float32)
    for one, other in zip(before, after, strict=True):
        apart += np.abs(one.astype(np.int16) - other).max(axis=2)
    rows, columns = (np.flatnonzero((apart > VISIBLE_LEVELS * len(before)).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    top, left = int(rows[0]), int(columns[0])
    return left / WIDTH, top / HEIGHT, (columns[-1] + 1 - left) / WIDTH, (rows[-1] + 1 - top) / HEIGHT


def _box(rng: np.random.Generator, wide: float, high: float) -> tuple[slice, slice, Box]:
    width, height = round(WIDTH * wide), round(HEIGHT * high)
    x, y = int(rng.integers(4, WIDTH - width - 4)), int(rng.integers(4, HEIGHT - height - 4))
    box = (x / WIDTH, y / HEIGHT, width / WIDTH, height / HEIGHT)
    return slice(y, y + height), slice(x, x + width), box


def logo(wide: float, high: float, opacity: float) -> Callable[[Frames, np.random.Generator], tuple[Frames, Box]]:
    def paint(frames: Frames, rng: np.random.Generator) -> tuple[Frames, Box]:
        rows, columns, box = _box(rng, wide, high)
        under = frames[:, rows, columns].astype(np.float32)
        height, width = under.shape[1:3]
        sign = Image.new("RGB", (width, height), tuple(int(value) for value in rng.integers(0, 255, 3)))
        draw = ImageDraw.Draw(sign)
        draw.ellipse((2, 2, width - 3, height - 3), fill=tuple(int(value) for value in rng.integers(0, 255, 3)))
        draw.text((width // 5, height // 4), "TV9", (255, 255, 255), ImageFont.load_default(max(8, height // 2)))
        frames[:, rows, columns] = under * (1 - opacity) + np.asarray(sign) * opacity
        return frames, box

    return paint


def subtitle(frames: Frames, rng: np.random.Generator) -> tuple[Frames, Box]:
    """Add white letters with a thin dark outline and no background."""
    words = " ".join(rng.choice(SPOKEN, 5))
    mask = Image.new("L", (WIDTH, HEIGHT))
    outline = Image.new("L", (WIDTH, HEIGHT))
    at = {"xy": (WIDTH / 2, HEIGHT * 0.86), "anchor": "ms", "text": words, "font": ImageFont.load_default(20)}
    ImageDraw.Draw(mask).text(fill=255, **at)
    ImageDraw.Draw(outline).text(fill=255, stroke_width=1, **at)
    left, top, right, bottom = outline.getbbox()
    edge, fill = (np.asarray(each, np.float32)[..., None] / 255 for each in (outline, mask))
    for index, frame in enumerate(frames):
        frames[index] = (frame * (1 - edge)) * (1 - fill) + 245 * fill
    return frames, (left / WIDTH, top / HEIGHT, (right - left) / WIDTH, (bottom - top) / HEIGHT)


def blur(frames: Frames, rng: np.random.Generator) -> tuple[Frames, Box]:
    rows, columns, box = _box(rng, 0.28, 0.34)
    for frame in frames:
        patch = Image.fromarray(frame[rows, columns]).filter(ImageFilter.GaussianBlur(6))
        frame[rows, columns] = np.asarray(patch)
    return frames, box


def pixelate(frames: Frames, rng: np.random.Generator) -> tuple[Frames, Box]:
    rows, columns, box = _box(rng, 0.28, 0.34)
    for frame in frames:
        patch = Image.fromarray(frame[rows, columns])
        small = patch.resize((max(1, patch.width // 10), max(1, patch.height // 10)), Image.Resampling.BOX)
        frame[rows, columns] = np.asarray(small.resize(patch.size, Image.Resampling.NEAREST))
    return frames, box


def graded(pixels: Frames) -> Frames:
    return ((pixels / 255.0) ** 0.8 * 255 * np.array([1.06, 1.0, 0.9])).clip(0, 255).astype(np.uint8)


def _hue_turned(pixels: Frames) -> Frames:
    """Rotate the hue by 40 degrees in the plane of constant BT.601 luma."""
    turn = np.deg2rad(40)
    to = np.array([[0.299, 0.587, 0.114], [-0.169, -0.331, 0.5], [0.5, -0.419, -0.081]])
    spin = np.array([[1, 0, 0], [0, np.cos(turn), -np.sin(turn)], [0, np.sin(turn), np.cos(turn)]])
    return (pixels @ (np.linalg.inv(to) @ spin @ to).T.astype(np.float32)).clip(0, 255).astype(np.uint8)


def over_frame(change: Callable[[Frames], Frames]) -> Callable[[Frames, np.random.Generator], tuple[Frames, Box]]:
    return lambda frames, rng: (change(frames), (0.0, 0.0, 1.0, 1.0))


def over_box(change: Callable[[Frames], Frames]) -> Callable[[Frames, np.random.Generator], tuple[Frames, Box]]:
    def paint(frames: Frames, rng: np.random.Generator) -> tuple[Frames, Box]:
        rows, columns, box = _box(rng, 0.35, 0.4)
        frames[:, rows, columns] = change(frames[:, rows, columns])
        return frames, box

    return paint


def _mirrored(frames: Frames) -> Frames:
    return frames[:, :, ::-1]


def four(frames: Frames, rate: int, rng: np.random.Generator) -> Edited:
    """Apply an insertion, a logo, a deletion and a replacement in this order, at least a tenth of the video apart."""
    count = len(frames)
    unit = count // 12
    marked = frames[3 * unit : 5 * unit].copy()
    marked, box = logo(0.12, 0.15, 1)(marked, rng)
    new, other = _donor(unit + int(rng.integers(0, unit)), rng), _donor(unit, rng)
    pieces = [frames[:unit], new, frames[unit : 3 * unit], marked, frames[5 * unit : 7 * unit]]
    pieces += [frames[8 * unit : 10 * unit], other, frames[11 * unit :]]
    at = np.cumsum([0, *map(len, pieces)])
    truth = [
        Truth("inserted", None, (int(at[1]), int(at[2]))),
        Truth("changed", (3 * unit, 5 * unit), (int(at[3]), int(at[4])), box),
        Truth("deleted", (7 * unit, 8 * unit), None),
        Truth("changed", (10 * unit, 11 * unit), (int(at[6]), int(at[7]))),
    ]
    return Edited(np.concatenate(pieces), truth)


# Transforms of the whole video


def _cropped(frames: Frames, rng: np.random.Generator) -> Frames:
    """Crop to a random box of 70 to 92 % of the width and enlarge it to the full frame."""
    part = rng.uniform(0.7, 0.92)
    left, top = rng.uniform(0, 1 - part, 2) * (WIDTH, HEIGHT)
    box = (left, top, left + part * WIDTH, top + part * HEIGHT)
    return _each(frames, lambda picture: picture.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC, box))


def _letterboxed(frames: Frames, rng: np.random.Generator) -> Frames:
    """Add black bars above and below, or at both sides."""
    width, height = [(WIDTH, HEIGHT * 4 // 3), (WIDTH * 4 // 3, HEIGHT)][int(rng.integers(2))]
    barred = np.zeros((len(frames), height, width, 3), np.uint8)
    top, left = (height - HEIGHT) // 2, (width - WIDTH) // 2
    barred[:, top : top + HEIGHT, left : left + WIDTH] = frames
    return barred


def _each(frames: Frames, change: Callable[[Image.Image], Image.Image]) -> Frames:
    return np.stack([np.asarray(change(Image.fromarray(frame))) for frame in frames])


def over_all(kind: str, change: Callable[[Frames, np.random.Generator], Frames], then: Edit | None = None) -> Edit:
    """Change every frame alike and apply another edit to the result."""

    def edit(frames: Frames, rate: int, rng: np.random.Generator) -> Edited:
        changed = change(frames, rng)
        created = then(changed, rate, rng) if then else Edited(changed)
        created.transforms.append(kind)
        return created

    return edit


REENCODES: dict[str, Edit] = {
    "crf32": encoded(crf="32"),
    "crf38": encoded(crf="38"),
    "half": encoded(size=(WIDTH // 2, HEIGHT // 2), crf="23"),
    "double": encoded(size=(WIDTH * 2, HEIGHT * 2), crf="26"),
    "vp9": encoded("libvpx-vp9", b="300k", deadline="realtime", **{"cpu-used": "8"}),
    "mpeg4": encoded("mpeg4", b="600k"),
    "hevc": encoded("libx265", crf="30", preset="ultrafast", **{"x265-params": "log-level=none:pools=1"}),
    "rate": other_rate,
    "mixed": mixed,
}
CUTS: dict[str, Edit] = {
    "insert-5": inserted(5),
    "insert-0.5": inserted(0.5),
    "delete-5": deleted(5),
    "delete-0.5": deleted(0.5),
    "replace-equal": replaced(3, 3),
    "replace-longer": replaced(3, 5),
    "replace-shorter": replaced(4, 2),
    "move": moved,
    "speed-range": faster_over(1.1, 6),
}
LOCAL: dict[str, Edit] = {
    "logo": local(logo(0.16, 0.2, 1)),
    "logo-40": local(logo(0.16, 0.2, 0.4)),
    "logo-small": local(logo(0.07, 0.09, 1)),
    "subtitle": local(subtitle, 3),
    "blur": local(blur),
    "pixelate": local(pixelate),
    "grade-box": local(over_box(graded)),
    "hue-box": local(over_box(_hue_turned)),
    "grade": local(over_frame(graded)),
    "hue": local(over_frame(_hue_turned)),
    "mirror": local(over_frame(_mirrored)),
}
GLOBAL: dict[str, Edit] = {
    "all-grade": over_all("grade", lambda frames, rng: graded(frames)),
    "all-crop": over_all("crop", _cropped),
    "all-letterbox": over_all("letterbox", _letterboxed),
    "all-mirror": over_all("mirror", lambda frames, rng: _mirrored(frames)),
    "all-speed": over_all("speed", lambda frames, rng: _faster(frames, 1.1)),
    "all-slower": over_all("speed", lambda frames, rng: _faster(frames, 0.96)),
}
GLOBAL_AND: dict[str, Edit] = {
    "all-grade-blur": over_all("grade", lambda frames, rng: graded(frames), local(blur)),
    "all-crop-logo": over_all("crop", _cropped, local(logo(0.16, 0.2, 1))),
    "all-letterbox-delete": over_all("letterbox", _letterboxed, deleted(3)),
    "all-mirror-insert": over_all("mirror", lambda frames, rng: _mirrored(frames), inserted(3)),
}
EDITS: dict[str, Edit] = {**REENCODES, **CUTS, **LOCAL, **GLOBAL, **GLOBAL_AND, "four": four}
