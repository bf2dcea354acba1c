"""Write the pictures that a decode pass produces: a poster, stills, and sprites for previews on a timeline."""

from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from videos.media.decimation import Decimation
from videos.media.sprites import SpriteSheets
from videos.media.stills import JpegWriter, encode_jpeg, split_planes

STILL_EVERY_SECONDS = 2.0  # seconds between stills at first
MAX_STILLS = 400  # stills per video; beyond it every second one is deleted and the spacing doubles
POSTER_WIDTH = 640  # pixels
MIN_POSTER_CONTRAST = 12.0  # standard deviation of luma in levels, below which a frame is blank
MIN_POSTER_LUMA = 24.0  # mean luma in levels, below which a frame is too dark for a poster


class ArtefactWriter:
    """Write stills as frames come, and the first of them that is not blank as the poster."""

    def __init__(self, folder: Path, aspect: float) -> None:
        self._folder = folder
        self._print = JpegWriter(aspect)
        self._poster = JpegWriter(aspect, POSTER_WIDTH)
        self._poster_done = False
        self._fallback: tuple[float, bytes] = (-1.0, b"")
        self._decimation = Decimation(STILL_EVERY_SECONDS, MAX_STILLS)
        self._sprites = SpriteSheets()

    @property
    def moments(self) -> list[float]:
        """Return the seconds of each still."""
        return self._decimation.moments

    def add_frame(self, seconds: float, frame: VideoFrame, luma: NDArray[np.uint8]) -> None:
        """Write the still and the sprite that are due at this frame; `luma` is a small picture of it, of any size."""
        still, tile = self._decimation.is_due(seconds), self._sprites.is_due(seconds)
        if not still and not tile:
            return
        picture = self._print.convert(frame)
        if tile:
            self._sprites.add_tile(seconds, picture)
        if still and self._make_room(seconds):
            self._still_path(len(self.moments)).write_bytes(encode_jpeg(split_planes(picture)))
            self._decimation.keep(seconds)
            if not self._poster_done:
                self._write_poster(frame, luma)

    def close(self, duration: float) -> None:
        """Write the sprites, and a blank poster if no better one was found. `duration` is in seconds."""
        if not self._poster_done:
            (self._folder / "poster.jpg").write_bytes(self._fallback[1])
        self._sprites.write(self._folder, duration)

    def _make_room(self, seconds: float) -> bool:
        """Delete every second still if there are too many, and return whether a still is due now."""
        if self._decimation.is_full():
            count = len(self.moments)
            self._decimation.thin()
            for number in range(count):
                if number % 2:
                    self._still_path(number).unlink()
                else:
                    self._still_path(number).rename(self._still_path(number // 2))
        return self._decimation.is_due(seconds)

    def _still_path(self, number: int) -> Path:
        return self._folder / f"still-{number:05d}.jpg"

    def _write_poster(self, frame: VideoFrame, luma: NDArray[np.uint8]) -> None:
        """Write the frame as the poster if it is not blank, or as a fallback if it is the least blank so far."""
        contrast = float(luma.std())
        poster = self._folder / "poster.jpg"
        if contrast >= MIN_POSTER_CONTRAST and float(luma.mean()) >= MIN_POSTER_LUMA:
            self._poster.write(frame, poster)
            self._poster_done = True
        elif contrast > self._fallback[0]:
            self._poster.write(frame, poster)
            self._fallback = (contrast, poster.read_bytes())
