"""What a decode pass leaves to look at: a poster, stills, and sprites for hovering over a timeline."""

from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from videos.media.spacing import Spacing
from videos.media.sprites import Sprites
from videos.media.stills import JpegWriter, jpeg, planes_of

STILL_EVERY_SECONDS = 2.0
MAX_STILLS = 400
POSTER_WIDTH = 640
POSTER_LEAST_CONTRAST = 12.0  # standard deviation of luma below which a frame is a blank
POSTER_LEAST_LIGHT = 24.0


class Album:
    """Writes stills as they come, and the first frame among them that shows something as the poster."""

    def __init__(self, folder: Path, aspect: float) -> None:
        self._folder = folder
        self._print = JpegWriter(aspect)
        self._poster = JpegWriter(aspect, POSTER_WIDTH)
        self._poster_done = False
        self._fallback: tuple[float, bytes] = (-1.0, b"")
        self._spacing = Spacing(STILL_EVERY_SECONDS, MAX_STILLS)
        self._sprites = Sprites()

    @property
    def moments(self) -> list[float]:
        """The second of each still."""
        return self._spacing.moments

    def see(self, seconds: float, frame: VideoFrame, luma: NDArray[np.uint8]) -> None:
        """Keep of a frame what is due; `luma` is a small picture of it, of any size."""
        still, tile = self._spacing.is_due(seconds), self._sprites.is_due(seconds)
        if not still and not tile:
            return
        picture = self._print.developed(frame)
        if tile:
            self._sprites.add(seconds, picture)
        if still and self._has_room_for(seconds):
            self._still(len(self.moments)).write_bytes(jpeg(planes_of(picture)))
            self._spacing.keep(seconds)
            if not self._poster_done:
                self._consider(frame, luma)

    def close(self, duration: float) -> None:
        """Write what was held back until the end, which is at `duration` seconds."""
        if not self._poster_done:
            (self._folder / "poster.jpg").write_bytes(self._fallback[1])
        self._sprites.write(self._folder, duration)

    def _has_room_for(self, seconds: float) -> bool:
        if self._spacing.is_full():
            kept = len(self.moments)
            self._spacing.thin()
            for number in range(kept):
                if number % 2:
                    self._still(number).unlink()
                else:
                    self._still(number).rename(self._still(number // 2))
        return self._spacing.is_due(seconds)

    def _still(self, number: int) -> Path:
        return self._folder / f"still-{number:05d}.jpg"

    def _consider(self, frame: VideoFrame, luma: NDArray[np.uint8]) -> None:
        contrast = float(luma.std())
        poster = self._folder / "poster.jpg"
        if contrast >= POSTER_LEAST_CONTRAST and float(luma.mean()) >= POSTER_LEAST_LIGHT:
            self._poster.write(frame, poster)
            self._poster_done = True
        elif contrast > self._fallback[0]:
            self._poster.write(frame, poster)
            self._fallback = (contrast, poster.read_bytes())
