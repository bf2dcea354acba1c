"""Events of one or two frames, by seed: glitches, and frames that are dropped, doubled or swapped.

Each video gets several events of a kind, at least `APART_SECONDS` apart and away from both ends. Frames are only
dropped, doubled or swapped where the picture moves, because such a change cannot be seen elsewhere.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tests.benchmarks.generated import edits
from tests.benchmarks.generated.bases import BASES, HEIGHT, WIDTH, Frames, pan, photographs
from tests.benchmarks.generated.dense_recuts import FOOTAGE

SECONDS = 24  # of a base, at most
HELD_SECONDS = 2
HELD = "held-"  # how the names of footage begin that shows still pictures
EVENTS = 6  # of a video, at most
APART_SECONDS = 0.8
MARGIN_SECONDS = 0.5  # at both ends
VISIBLE_LEVELS = 1.0  # by which frames in a row must differ on average, where one is dropped, doubled or swapped
VISIBLE_FRAMES = 4  # before and after such an event
NTSC = Fraction(30000, 1001)
HIGHER_RATES: dict[int, int | Fraction] = {12: 15, 24: 25, 25: NTSC, 30: 60, 50: 60, 60: 120}
LOWER_RATES: dict[int, int | Fraction] = {12: 10, 24: 20, 25: 24, 30: 25, 50: 25, 60: 30}
Rate = int | Fraction


@dataclass(frozen=True)
class Event:
    """A kind of event, the op that describes it, and its frames on both sides; a span may be empty."""

    kind: str
    op: str
    a: tuple[float, float] | None
    b: tuple[float, float] | None


@dataclass
class Eventful:
    """The frames of B and its events in seconds; how to encode B, and the times of its frames if they vary."""

    frames: Frames
    rate: Rate
    events: list[Event] = field(default_factory=list)
    codec: str = "libx264"
    options: dict[str, str] = field(default_factory=lambda: {"crf": "23"})
    size: tuple[int, int] | None = None
    times: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Footage:
    """Frames at a rate. `reporting` footage is never used while the engine is tuned."""

    name: str
    rate: int
    reporting: bool
    render: Callable[[], Frames]


def _dense(kind: str, seed: int) -> Footage:
    rate = FOOTAGE[kind].rate
    return Footage(f"{kind}-{seed}", rate, seed >= 1000, lambda: FOOTAGE[kind].render(seed)[: SECONDS * rate])


def _held(name: str) -> Footage:
    """Show one frame of each two seconds of a base for two seconds."""
    base = BASES[name]

    def render() -> Frames:
        frames = base.render()
        length = HELD_SECONDS * base.rate
        return frames[np.arange(len(frames)) // length * length]

    return Footage(f"{HELD}{name}", base.rate, base.reporting, render)


MOVING = (
    "bikes",
    "film-1",
    "film-3",
    "talk-1",
    "animation-1",
    "animation-3",
    "bunny",
    "film-2",
    "talk-2",
    "animation-2",
)
FRAME_FOOTAGE = {
    each.name: each
    for each in (
        *(Footage(name, BASES[name].rate, BASES[name].reporting, BASES[name].render) for name in MOVING),
        *(_held(name) for name in ("film-1", "film-3", "film-2")),
        *(_dense(kind, seed) for kind in ("hand-held", "slow", "animation") for seed in (2, 1002)),
    )
}


# Glitches


def _bars(frame: Frames, frames: Frames, rng: np.random.Generator) -> Frames:
    colours = [(191, 191, 191), (191, 191, 0), (0, 191, 191), (0, 191, 0), (191, 0, 191), (191, 0, 0), (0, 0, 191)]
    return np.repeat(np.array(colours, np.uint8)[None, np.arange(WIDTH) * 7 // WIDTH], HEIGHT, axis=0)


def _flash(frame: Frames, frames: Frames, rng: np.random.Generator) -> Frames:
    return (255 - (255 - frame.astype(np.int16)) * float(rng.uniform(0, 0.5))).astype(np.uint8)


def _black(frame: Frames, frames: Frames, rng: np.random.Generator) -> Frames:
    return np.zeros_like(frame)


def _half(frame: Frames, frames: Frames, rng: np.random.Generator) -> Frames:
    """Replace the lower or upper half by black or by a picture from elsewhere."""
    other = np.zeros_like(frame) if rng.random() < 0.5 else _donor(rng)
    rows = slice(HEIGHT // 2, None) if rng.random() < 0.5 else slice(0, HEIGHT // 2)
    frame[rows] = other[rows]
    return frame


def _wrong(frame: Frames, frames: Frames, rng: np.random.Generator) -> Frames:
    return _donor(rng)


def _white_box(frame: Frames, frames: Frames, rng: np.random.Generator) -> Frames:
    wide, high = (rng.uniform(0.12, 0.35, 2) * (WIDTH, HEIGHT)).astype(int)
    x, y = int(rng.integers(0, WIDTH - wide)), int(rng.integers(0, HEIGHT - high))
    picture = Image.fromarray(frame)
    ImageDraw.Draw(picture).rectangle((x, y, x + wide, y + high), fill=(255, 255, 255))
    return np.asarray(picture).copy()


def _green(frame: Frames, frames: Frames, rng: np.random.Generator) -> Frames:
    """Fill the rows from a random one on with the green of missing data."""
    frame[int(rng.integers(0, HEIGHT * 2 // 3)) :] = (0, 135, 0)
    return frame


def _torn(frame: Frames, frames: Frames, rng: np.random.Generator) -> Frames:
    """Shift the rows of some bands sideways, as after a transmission error."""
    for top in range(0, HEIGHT, 24):
        if rng.random() < 0.6:
            frame[top : top + 24] = np.roll(frame[top : top + 24], int(rng.integers(30, WIDTH - 30)), axis=1)
    return frame


def _donor(rng: np.random.Generator) -> Frames:
    donor: Frames = pan(str(rng.choice(photographs())), 1, int(rng.integers(1 << 30)), grain=3)[0]
    return donor


GLITCHES = {
    "bars": _bars,
    "flash": _flash,
    "black": _black,
    "half frame": _half,
    "wrong frame": _wrong,
    "white box": _white_box,
    "green": _green,
    "torn": _torn,
}


def _choose_places(
    count: int, rate: Rate, rng: np.random.Generator, allowed: NDArray[np.bool_] | None = None
) -> list[int]:
    """Return frames for events in order, apart from each other and away from both ends."""
    margin, apart = max(4, round(MARGIN_SECONDS * rate)), max(6, round(APART_SECONDS * rate))
    places: list[int] = []
    for place in rng.permutation(np.arange(margin, count - margin)):
        if (allowed is None or allowed[place]) and all(abs(place - other) >= apart for other in places):
            places.append(int(place))
        if len(places) == EVENTS:
            break
    return sorted(places)


def _add_glitches(frames: Frames, rate: Rate, rng: np.random.Generator) -> tuple[Frames, list[tuple[str, int, int]]]:
    """Return frames with glitches of one or two frames, and (kind, first frame, last + 1) of each."""
    frames = frames.copy()
    added = []
    for place in _choose_places(len(frames), rate, rng):
        kind, length = str(rng.choice(list(GLITCHES))), int(rng.integers(1, 3))
        state = int(rng.integers(1 << 30))
        for at in range(place, place + length):
            painted = GLITCHES[kind](frames[at].copy(), frames, np.random.default_rng(state))
            if np.abs(painted.astype(np.int16) - frames[at]).mean() < 4:
                break  # not visible, such as a flash over white
            frames[at] = painted
        else:
            added.append((kind, place, place + length))
    return frames, added


def glitch(frames: Frames, rate: int, rng: np.random.Generator) -> Eventful:
    glitched, added = _add_glitches(frames, rate, rng)
    events = [Event(kind, "changed", (low / rate, high / rate), (low / rate, high / rate)) for kind, low, high in added]
    return Eventful(glitched, rate, events, options={"crf": str(rng.integers(20, 30))})


def glitch_at_other_rate(frames: Frames, rate: int, rng: np.random.Generator) -> Eventful:
    """Convert to another frame rate by repeating or dropping frames, then add glitches."""
    converted = _convert(frames, rate, (HIGHER_RATES if rng.random() < 0.7 else LOWER_RATES)[rate])
    glitched, added = _add_glitches(converted.frames, converted.rate, rng)
    converted.frames = glitched
    step = float(1 / converted.rate)
    spans = [(kind, (low * step, high * step)) for kind, low, high in added]
    converted.events = [Event(kind, "changed", span, span) for kind, span in spans]
    return converted


def _convert(frames: Frames, rate: Rate, new: Rate) -> Eventful:
    shown = (np.arange(int(len(frames) * new / rate)) * float(rate / Fraction(new)) + 1e-9).astype(int)
    return Eventful(frames[shown.clip(0, len(frames) - 1)], new)


# Frames that are missing, too many or in the wrong order


def find_moving(frames: Frames) -> NDArray[np.bool_]:
    """Return a mask of the frames around which each frame visibly differs from the one before."""
    small = np.stack([frame.reshape(36, HEIGHT // 36, 64, WIDTH // 64, 3).mean(axis=(1, 3, 4)) for frame in frames])
    levels = np.append(0, np.abs(np.diff(small, axis=0)).mean(axis=(1, 2)))
    is_moving = levels >= VISIBLE_LEVELS
    allowed = is_moving.copy()
    for by in range(1, VISIBLE_FRAMES + 1):
        allowed[by:] &= is_moving[:-by]
        allowed[:-by] &= is_moving[by:]
    return allowed


def frame_order(frames: Frames, rate: int, rng: np.random.Generator) -> Eventful:
    """Drop, double or swap single frames."""
    order: list[int] = []
    events: list[Event] = []
    places = _choose_places(len(frames), rate, rng, find_moving(frames))
    at = 0
    for place in places:
        order += range(at, place)
        kind = str(rng.choice(["dropped", "doubled", "swapped"]))
        b = len(order)
        if kind == "dropped":
            events.append(Event(kind, "deleted", (place / rate, (place + 1) / rate), None))
            at = place + 1
        elif kind == "doubled":
            order += [place, place]
            events.append(Event(kind, "inserted", None, (b / rate, (b + 1) / rate)))
            at = place + 1
        else:
            order += [place + 1, place]
            events.append(Event(kind, "moved", (place / rate, (place + 1) / rate), ((b + 1) / rate, (b + 2) / rate)))
            at = place + 2
    order += range(at, len(frames))
    return Eventful(frames[order], rate, events, options={"crf": str(rng.integers(20, 30))})


# Harmless controls


def reencode(**how: str) -> Callable[[Frames, int, np.random.Generator], Eventful]:
    codec = how.pop("codec", "libx264")
    return lambda frames, rate, rng: Eventful(frames, rate, codec=codec, options=how)


def half_size(frames: Frames, rate: int, rng: np.random.Generator) -> Eventful:
    return Eventful(frames, rate, size=(WIDTH // 2, HEIGHT // 2))


def higher_rate(frames: Frames, rate: int, rng: np.random.Generator) -> Eventful:
    return _convert(frames, rate, HIGHER_RATES[rate])


def lower_rate(frames: Frames, rate: int, rng: np.random.Generator) -> Eventful:
    return _convert(frames, rate, LOWER_RATES[rate])


def there_and_back(frames: Frames, rate: int, rng: np.random.Generator) -> Eventful:
    """Convert to another rate and back, so that frames repeat or are missing regularly at equal rates."""
    other = _convert(frames, rate, {60: 50, 50: 48, 30: 24, 25: 24, 24: 23}.get(rate, rate - 1))
    return _convert(other.frames, other.rate, rate)


def varying_rate(frames: Frames, rate: int, rng: np.random.Generator) -> Eventful:
    """Drop a tenth of the frames, and let the frames before them be shown for longer."""
    kept = np.flatnonzero((rng.random(len(frames)) > 0.1) | (np.arange(len(frames)) == 0))
    return Eventful(frames[kept], rate, times=kept / rate)


def graded(frames: Frames, rate: int, rng: np.random.Generator) -> Eventful:
    return Eventful(np.stack([edits.graded(frame) for frame in frames]), rate)


def still_drops(frames: Frames, rate: int, rng: np.random.Generator) -> Eventful:
    """Drop a frame of a held picture and double another one of the same picture, which cannot be seen."""
    length = HELD_SECONDS * rate
    at = np.arange(len(frames)) % length
    is_complete = np.arange(len(frames)) // length < len(frames) // length
    times = 1 + ((at == length // 4) & is_complete).astype(int) - ((at == length // 2) & is_complete)
    return Eventful(frames[np.repeat(np.arange(len(frames)), times)], rate)


Variant = Callable[[Frames, int, np.random.Generator], Eventful]
EVENTFUL: dict[str, Variant] = {
    "glitches": glitch,
    "other-rate-glitches": glitch_at_other_rate,
    "frame-order": frame_order,
}
CONTROLS: dict[str, Variant] = {
    "crf36": reencode(crf="36"),
    "mpeg4": reencode(codec="mpeg4", b="500k"),
    "half": half_size,
    "higher-rate": higher_rate,
    "lower-rate": lower_rate,
    "there-and-back": there_and_back,
    "varying-rate": varying_rate,
    "grade": graded,
    "still": still_drops,
}
VARIANTS = EVENTFUL | CONTROLS
