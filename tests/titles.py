"""Titles drawn over footage, with the times at which they are visible."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from tests import footage

Frame = NDArray[np.uint8]  # (height, width, 3), RGB
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True)
class Title:
    """A line of text. `size` is the height of the font as a share of the frame, `place` the left top corner.

    `load_font` makes the font of a size in pixels; by default the one that Pillow carries.
    """

    text: str
    start: float
    end: float
    size: float = 0.08
    place: tuple[float, float] = (0.08, 0.78)
    colour: str = "white"
    plate: str = ""  # the colour of a plate behind the text
    fade: float = 0.0  # seconds at both ends
    load_font: Callable[[int], Font] = ImageFont.load_default

    def opacity_at(self, seconds: float) -> float:
        if not self.start <= seconds < self.end:
            return 0.0
        return (
            min(1.0, *(part / self.fade for part in (seconds - self.start, self.end - seconds))) if self.fade else 1.0
        )


def draw_titles(frames: Sequence[Frame], titles: Sequence[Title], rate: float = 25) -> Iterator[Frame]:
    """Yield the frames with the titles that are visible at their times."""
    overlays: dict[Title, Image.Image] = {}
    for index, frame in enumerate(frames):
        picture = None
        for title in titles:
            opacity = title.opacity_at(index / rate)
            if not opacity:
                continue
            picture = picture or Image.fromarray(frame).convert("RGBA")
            overlay = overlays.setdefault(title, _draw_overlay(title, picture.size))
            if opacity < 1:
                overlay = overlay.copy()
                overlay.putalpha(overlay.getchannel("A").point(lambda value, share=opacity: round(value * share)))
            picture = Image.alpha_composite(picture, overlay)
        yield frame if picture is None else np.asarray(picture.convert("RGB"))


def _draw_overlay(title: Title, size: tuple[int, int]) -> Image.Image:
    overlay = Image.new("RGBA", size)
    draw = ImageDraw.Draw(overlay)
    font = title.load_font(round(title.size * size[1]))
    corner = (title.place[0] * size[0], title.place[1] * size[1])
    if title.plate:
        left, top, right, bottom = draw.textbbox(corner, title.text, font=font)
        margin = title.size * size[1] * 0.3
        draw.rectangle((left - margin, top - margin, right + margin, bottom + margin), fill=title.plate)
    draw.text(corner, title.text, font=font, fill=title.colour)
    return overlay


SHARED_TITLES = (
    Title("Harbour at dawn", 0.4, 2.0, 0.09),
    Title("Call 555 0182", 1.2, 2.4, 0.07, (0.08, 0.1), plate="#000000b0"),
)


def titled_clip(*changes: tuple[str, str]) -> Path:
    """Return three seconds of footage, 640 by 360, with `SHARED_TITLES`. `changes` replace their texts."""
    texts = dict(changes)
    titles = [replace(title, text=texts.get(title.text, title.text)) for title in SHARED_TITLES]
    shown = [title for title in titles if title.text]

    def render(path: Path) -> None:
        frames = footage.pixels("bigbuckbunny", 640, 360)[:75]
        footage.write(path, draw_titles(frames, shown, 25))

    return footage.cached(f"titles-1:{changes}", render)
