"""Write small stills on sprite sheets, and a WebVTT track that maps seconds to parts of the sheets.

Players use such tracks for thumbnails. Each cue holds an address relative to the track with a media fragment, for
example `sprite-000.jpg#xywh=0,0,240,136` (W3C Media Fragments URI 1.0, section 4.2.2).
"""

from itertools import pairwise
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from numpy.typing import NDArray

from videos.media import scaling
from videos.media.decimation import Decimation
from videos.media.stills import encode_jpeg, split_planes

TRACK_FILE = "sprites.vtt"
EVERY_SECONDS = 1.0  # seconds between tiles at first
MAX_TILES = 600  # tiles per video; they take 30 MB until the sheets are written
MAX_TILE_SIZE = 240, 160  # width and height in pixels that a tile fits into
COLUMNS, ROWS = 5, 5  # tiles per row and rows per sheet


class SpriteSheets:
    """Tiles of one video, collected as frames come and written as sheets at the end."""

    def __init__(self) -> None:
        self._decimation = Decimation(EVERY_SECONDS, MAX_TILES)
        self._scaler = VideoReformatter()
        self._tiles: list[list[NDArray[np.uint8]]] = []  # planes of each
        self._size: tuple[int, int] | None = None

    def is_due(self, seconds: float) -> bool:
        """Return whether a tile is due at `seconds`."""
        return self._decimation.is_due(seconds)

    def add_tile(self, seconds: float, picture: VideoFrame) -> None:
        """Add a tile of an upright yuvj420p picture. All tiles have the size of the first."""
        if self._decimation.is_full():
            self._decimation.thin()
            del self._tiles[1::2]
            if not self._decimation.is_due(seconds):
                return
        self._size = self._size or fit_tile(picture.width, picture.height)
        small = self._scaler.reformat(
            picture,
            *self._size,
            format="yuvj420p",
            src_colorspace=Colorspace.ITU601,
            dst_colorspace=Colorspace.ITU601,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.JPEG,
            interpolation=scaling.AREA,
            threads=1,
        )
        self._tiles.append([plane.copy() for plane in split_planes(small)])
        self._decimation.keep(seconds)

    def write(self, folder: Path, duration: float) -> int:
        """Write the sheets from `sprite-000.jpg` on and the track into `folder`; return the number of sheets."""
        if self._size is None:
            return 0
        each = COLUMNS * ROWS
        sheets = range(0, len(self._tiles), each)
        for number, begin in enumerate(sheets):
            (folder / name_sheet(number)).write_bytes(
                encode_jpeg(_assemble_sheet(self._tiles[begin : begin + each], self._size))
            )
        (folder / TRACK_FILE).write_text(write_track(self._decimation.moments, duration, self._size))
        return len(sheets)


def name_sheet(number: int) -> str:
    """Return the file name of a sheet."""
    return f"sprite-{number:03d}.jpg"


def fit_tile(width: int, height: int) -> tuple[int, int]:
    """Return the even size of the same shape that fits into a tile, at most the picture's size, at least 2 x 2."""
    scale = min(1.0, MAX_TILE_SIZE[0] / width, MAX_TILE_SIZE[1] / height)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def write_track(moments: list[float], duration: float, size: tuple[int, int]) -> str:
    """Return the WebVTT text. Each tile lasts until the next one, the last until `duration`."""
    wide, high = size
    cues = ["WEBVTT"]
    for number, (start, end) in enumerate(pairwise([*moments, max(duration, moments[-1] + 0.001)])):
        sheet, place = divmod(number, COLUMNS * ROWS)
        row, column = divmod(place, COLUMNS)
        where = f"{name_sheet(sheet)}#xywh={column * wide},{row * high},{wide},{high}"
        cues.append(f"{_format_time(start)} --> {_format_time(end)}\n{where}")
    return "\n\n".join(cues) + "\n"


def _format_time(seconds: float) -> str:
    """Return seconds as a WebVTT timestamp."""
    thousandths = round(seconds * 1000)
    return f"{thousandths // 3_600_000:02d}:{thousandths // 60_000 % 60:02d}:{thousandths % 60_000 / 1000:06.3f}"


def _assemble_sheet(tiles: list[list[NDArray[np.uint8]]], size: tuple[int, int]) -> list[NDArray[np.uint8]]:
    """Return the planes of one sheet, black where the last row is not full."""
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
