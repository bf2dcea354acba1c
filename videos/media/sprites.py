"""Small stills on a few sheets, and a WebVTT track that says which part of which sheet shows which seconds.

Players know such tracks as thumbnails: each cue holds an address, relative to that of the track, with a media fragment
as in `sprite-000.jpg#xywh=0,0,240,136` (W3C Media Fragments 1.0, section 4.2.2).
"""

from itertools import pairwise
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from numpy.typing import NDArray

from videos.media.spacing import Spacing
from videos.media.stills import jpeg, planes_of

TRACK = "sprites.vtt"
EVERY_SECONDS = 1.0
MOST_TILES = 600  # which take 30 MB until the sheets are written
TILE = 240, 160  # width and height that a tile fits into
COLUMNS, ROWS = 5, 5


class Sprites:
    """Tiles of one video, kept as they come and written as sheets at the end."""

    def __init__(self) -> None:
        self._spacing = Spacing(EVERY_SECONDS, MOST_TILES)
        self._scaler = VideoReformatter()
        self._tiles: list[list[NDArray[np.uint8]]] = []  # planes of each
        self._size: tuple[int, int] | None = None

    def is_due(self, seconds: float) -> bool:
        return self._spacing.is_due(seconds)

    def add(self, seconds: float, picture: VideoFrame) -> None:
        """Keep a tile of an upright yuvj420p picture. All have the shape of the first."""
        if self._spacing.is_full():
            self._spacing.thin()
            del self._tiles[1::2]
            if not self._spacing.is_due(seconds):
                return
        self._size = self._size or tile_size(picture.width, picture.height)
        small = self._scaler.reformat(
            picture,
            *self._size,
            format="yuvj420p",
            src_colorspace=Colorspace.ITU601,
            dst_colorspace=Colorspace.ITU601,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.JPEG,
            interpolation="AREA",
            threads=1,
        )
        self._tiles.append([plane.copy() for plane in planes_of(small)])
        self._spacing.keep(seconds)

    def write(self, folder: Path, duration: float) -> int:
        """Leave `sprite-000.jpg` onwards and the track in `folder`; returns how many sheets there are."""
        if self._size is None:
            return 0
        each = COLUMNS * ROWS
        sheets = range(0, len(self._tiles), each)
        for number, begin in enumerate(sheets):
            (folder / sheet_name(number)).write_bytes(jpeg(_together(self._tiles[begin : begin + each], self._size)))
        (folder / TRACK).write_text(track(self._spacing.moments, duration, self._size))
        return len(sheets)


def sheet_name(number: int) -> str:
    return f"sprite-{number:03d}.jpg"


def tile_size(width: int, height: int) -> tuple[int, int]:
    """The even size of the same shape that fits into a tile; never larger than the picture, at least 2 x 2."""
    scale = min(1.0, TILE[0] / width, TILE[1] / height)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def track(moments: list[float], duration: float, size: tuple[int, int]) -> str:
    """The WebVTT text: each tile stands from its moment to the next one's, the last to `duration`."""
    wide, high = size
    cues = ["WEBVTT"]
    for number, (start, end) in enumerate(pairwise([*moments, max(duration, moments[-1] + 0.001)])):
        sheet, place = divmod(number, COLUMNS * ROWS)
        row, column = divmod(place, COLUMNS)
        where = f"{sheet_name(sheet)}#xywh={column * wide},{row * high},{wide},{high}"
        cues.append(f"{_clock(start)} --> {_clock(end)}\n{where}")
    return "\n\n".join(cues) + "\n"


def _clock(seconds: float) -> str:
    thousandths = round(seconds * 1000)
    return f"{thousandths // 3_600_000:02d}:{thousandths // 60_000 % 60:02d}:{thousandths % 60_000 / 1000:06.3f}"


def _together(tiles: list[list[NDArray[np.uint8]]], size: tuple[int, int]) -> list[NDArray[np.uint8]]:
    """The planes of one sheet, black where the last row is not full."""
    rows = -(-len(tiles) // COLUMNS)
    sheet = []
    for index, (black, part) in enumerate(((0, 1), (128, 2), (128, 2))):
        wide, high = size[0] // part, size[1] // part
        plane = np.full((rows * high, COLUMNS * wide), black, np.uint8)
        for place, tile in enumerate(tiles):
            row, column = divmod(place, COLUMNS)
            plane[row * high : (row + 1) * high, column * wide : (column + 1) * wide] = tile[index]
        sheet.append(plane)
    return sheet
