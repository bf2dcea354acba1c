"""Render a short animated film in two versions, as sample videos to compare.

Every shot is a function of time alone, so that both versions have the same pixels where they are meant to be equal. A
picture is a float32 array (HEIGHT, WIDTH, 3) from 0 to 1, with soft edges one pixel wide.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, RATE = 512, 288, 24
Array = NDArray[np.float32]

_Y, _X = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
_COLUMNS = _X[0]


def _parse_colour(code: str) -> Array:
    return np.array([int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)], np.float32)


class Canvas:
    """A picture that shots are painted on. Each shape is painted only inside its own box, which is faster."""

    def __init__(self, top: str, bottom: str) -> None:
        shades = (
            _parse_colour(top)
            + (_parse_colour(bottom) - _parse_colour(top)) * np.linspace(0, 1, HEIGHT, dtype=np.float32)[:, None]
        )
        self.pixels = np.repeat(shades[:, None, :], WIDTH, axis=1)

    def paint(self, cover: Array, colour: Array | str, top: int = 0, left: int = 0) -> None:
        """Blend a colour where `cover` (0 to 1) says; its first value is at row `top` and column `left`."""
        below = self.pixels[top : top + cover.shape[0], left : left + cover.shape[1]]
        paint = _parse_colour(colour) if isinstance(colour, str) else colour
        below += (paint - below) * cover[..., None]

    def disc(self, x: float, y: float, radius: float, colour: str, share: float = 1.0) -> None:
        """Paint a disc with its centre at (x, y), in pixels."""
        top, left = max(0, int(y - radius - 1)), max(0, int(x - radius - 1))
        box = (slice(top, max(top, int(y + radius + 2))), slice(left, max(left, int(x + radius + 2))))
        self.paint(share * np.clip(radius - np.hypot(_X[box] - x, _Y[box] - y) + 0.5, 0, 1), colour, top, left)

    def glow(self, x: float, y: float, radius: float, colour: str, share: float) -> None:
        """Paint a Gaussian spot with its centre at (x, y), in pixels."""
        across = np.exp(-(((_COLUMNS - x) / radius) ** 2))
        down = np.exp(-(((_Y[:, 0] - y) / radius) ** 2))
        self.paint(share * down[:, None] * across[None, :], colour)

    def ground(self, line: Array, colour: str) -> None:
        """Paint everything below a height line (WIDTH,), in pixels from the top."""
        top = int(np.clip(line.min() - 1, 0, HEIGHT - 1))
        self.paint(np.clip(_Y[top:] - line.astype(np.float32) + 0.5, 0, 1), colour, top)

    def stars(self, count: int, seed: int, t: float) -> None:
        """Paint `count` flickering stars at random places."""
        random = np.random.default_rng(seed)
        rows, columns = random.integers(0, int(HEIGHT * 0.8), count), random.integers(0, WIDTH, count)
        light = 0.55 + 0.4 * np.sin(2.2 * t + random.uniform(0, 6, count))
        self.pixels[rows, columns] += (1 - self.pixels[rows, columns]) * light[:, None]


Shot = Callable[[float], Canvas]


def _hill_line(base: float, height: float, waves: float, phase: float) -> Array:
    u = _COLUMNS / WIDTH * 6.28
    return base - height * (np.sin(waves * u + phase) + 0.45 * np.sin(waves * 2.7 * u + phase * 1.7 + 1))


def sunrise(t: float) -> Canvas:
    canvas = Canvas("2b3a67", "f2b880")
    y = 200 - 21 * t
    canvas.glow(320, y, 96, "ffd9a0", 0.55)
    canvas.disc(320, y, 27, "fff1d0")
    for depth, shade in enumerate(("8a6f8f", "5d5577", "3a4060", "232b45")):
        drift = depth * 2 + t * (0.1 + 0.09 * depth)
        canvas.ground(_hill_line(181 + 29 * depth, 11 + 3 * depth, 0.8 + 0.5 * depth, drift), shade)
    return canvas


def planet(t: float) -> Canvas:
    canvas = Canvas("0b1026", "1c2447")
    canvas.stars(160, 5, t)
    box = (slice(70, 230), slice(100, 380))
    x, y = _X[box] - 240, _Y[box] - 148
    disc = np.clip(74 - np.hypot(x, y) + 0.5, 0, 1)
    bands = 0.5 + 0.5 * np.sin(y / 9 + 1.1 * np.sin((x + 27 * t) / 37))
    canvas.paint(
        disc, _parse_colour("c97b4a") + (_parse_colour("eec591") - _parse_colour("c97b4a")) * bands[..., None], 70, 100
    )
    canvas.paint(disc * np.clip((x + 12 + 0.3 * y) / 120, 0, 0.85), "0b1026", 70, 100)
    tilted = y - 4 + 0.16 * x
    ring = np.clip(1.4 - 16 * np.abs(np.hypot(x / 134, tilted / 29) - 1), 0, 0.9)
    canvas.paint(ring * np.clip(tilted / 5 + 1 - disc, 0, 1), "f4dfc0", 70, 100)
    canvas.disc(240 + 172 * np.cos(0.8 * t), 120 + 53 * np.sin(0.8 * t), 10, "b9c7dd")
    return canvas


def sea(t: float) -> Canvas:
    canvas = Canvas("9fd3e8", "e9f6f2")
    canvas.disc(416, 60, 24, "fffbe6")
    for depth, shade in enumerate(("5fb3c6", "3f95b2", "2a7599", "1c567c")):
        waves = _COLUMNS / WIDTH * (26 - 3 * depth) + t * (1.4 + 0.5 * depth) + depth
        canvas.ground(152 + 34 * depth + 7 * np.sin(waves), shade)
        if depth == 1:
            _paint_boat(canvas, 96 + 50 * t, 172 + 4 * float(np.sin(2.1 * t)))
    return canvas


def _paint_boat(canvas: Canvas, x: float, y: float) -> None:
    across, down = _X - x, _Y - y
    hull = (np.abs(across) < 37 - 0.9 * down) & (down > 0) & (down < 16)
    sail = (across > -2) & (across < 28 + 0.5 * down) & (down < -6) & (down > -68)
    canvas.paint(hull.astype(np.float32), "6d3b2e")
    canvas.paint(sail.astype(np.float32), "fdf6e9")


def forest(t: float) -> Canvas:
    canvas = Canvas("cfe3d0", "f3efd9")
    for depth, shade in enumerate(("a5c3a4", "6f9d78", "3f7355", "1f4a3a")):
        number, place = np.divmod((_COLUMNS + t * (8 + 21 * depth)) / (27 + 16 * depth), 1)
        tall = 56 + 18 * depth + 21 * np.sin(number * 12.9 + depth)
        canvas.ground(152 + 38 * depth - tall * (1 - 2 * np.abs(place - 0.5)), shade)
    return canvas


def city(t: float) -> Canvas:
    canvas = Canvas("14122b", "5b3b6b")
    canvas.stars(90, 11, t)
    canvas.glow(120, 74, 56, "f6e7c1", 0.4)
    canvas.disc(120, 74, 22, "f9f0d3")
    for depth, shade in enumerate(("3a2c55", "241c3d")):
        shifted = _COLUMNS + t * (7 + 17 * depth)
        number = np.floor(shifted / (35 + 21 * depth))
        roof = 176 + 29 * depth - 56 * np.abs(np.sin(number * 7.7 + 2 * depth))
        canvas.ground(np.floor(roof), shade)
        lit = np.sin(number * 3.1 + np.floor(_Y / 11) * 5.3 + np.floor(shifted / 9) * 2.9) > 0.55
        pane = (shifted % 9 > 3) & (_Y % 11 > 4) & (roof + 7 < _Y)
        canvas.paint(0.9 * (lit & pane).astype(np.float32), "ffd27a")
    return canvas


def snow(t: float) -> Canvas:
    canvas = Canvas("6c86a8", "c9d6e2")
    for depth, shade in enumerate(("aebfd0", "d3dee8", "f2f6f9")):
        canvas.ground(_hill_line(176 + 35 * depth, 13, 0.7 + 0.4 * depth, 4 + depth * 1.7), shade)
    for x, y, speed, size in np.random.default_rng(3).uniform(0, 1, (70, 4)):
        drift, fall = (x * WIDTH + 13 * np.sin(t + 9 * y)) % WIDTH, (y * HEIGHT + t * (29 + 48 * speed)) % HEIGHT
        canvas.disc(float(drift), float(fall), 1.3 + 2 * size, "ffffff", 0.9)
    return canvas


def bloom(t: float) -> Canvas:
    """Paint the shot that only the second version has."""
    canvas = Canvas("f6c9c4", "fbe8d3")
    angle, distance = np.arctan2(_Y - 144, _X - 256), np.hypot(_X - 256, _Y - 144)
    for petals, reach, shade in ((9, 120, "e58a9b"), (7, 90, "d9657e"), (5, 59, "b8405f")):
        turn = petals * angle + 0.5 * t * (1 if petals % 4 == 1 else -1)
        edge = reach * (0.55 + 0.3 * min(t / 2.2, 1)) * (0.78 + 0.22 * np.cos(turn))
        canvas.paint(np.clip(edge - distance + 0.5, 0, 1), shade)
    canvas.disc(256, 144, 18, "f8d66d")
    return canvas


def _add_logo(shot: Shot, start: float, end: float) -> Shot:
    """Return the shot with a logo in its upper right corner from `start` to `end`."""

    def shown(t: float) -> Canvas:
        canvas = shot(t)
        if start <= t < end:
            canvas.disc(452, 50, 30, "9fc7a5")
            canvas.disc(444, 53, 15, "14171a")
            canvas.disc(465, 42, 8, "f4f5f3")
        return canvas

    return shown


FIRST_CUT = ((sunrise, 4.0), (planet, 5.0), (sea, 3.0), (forest, 4.0), (city, 3.5), (snow, 4.0))
SECOND_CUT = (
    (sunrise, 4.0), (bloom, 3.0), (_add_logo(planet, 1.0, 4.0), 5.0), (city, 3.5), (forest, 4.0), (snow, 4.0),
)  # fmt: skip


def write_demo_clips(folder: str) -> dict[str, float]:
    """Write `a.mp4` and `b.mp4` (H.264, 512 x 288, 24 frames per second) into `folder`; return their seconds."""
    return {
        side: _encode_clip(Path(folder) / f"{side}.mp4", cut) for side, cut in (("a", FIRST_CUT), ("b", SECOND_CUT))
    }


def _render_frames(cut: tuple[tuple[Shot, float], ...]) -> Iterator[Canvas]:
    for shot, length in cut:
        for number in range(round(length * RATE)):
            yield shot(number / RATE)


def _encode_clip(path: Path, cut: tuple[tuple[Shot, float], ...]) -> float:
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": "20", "preset": "veryfast", "g": "24"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.time_base = Fraction(1, RATE)
        count = 0
        for count, canvas in enumerate(_render_frames(cut), start=1):
            pixels = np.ascontiguousarray(np.clip(canvas.pixels * 255 + 0.5, 0, 255).astype(np.uint8))
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts = count - 1
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return count / RATE
