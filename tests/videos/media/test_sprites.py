import re
from io import BytesIO

import av
import numpy as np
import pytest
from PIL import Image

from videos.media.decimation import Decimation
from videos.media.sprites import COLUMNS, MAX_TILES, ROWS, SpriteSheets, fit_tile

CUE = re.compile(r"(\S+) --> (\S+)\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)")


def shade(number: int) -> int:
    return number * 37 % 200 + 20


def picture(level: int, width: int = 480, height: int = 270) -> av.VideoFrame:
    planes = np.full((height * 3 // 2, width), 128, np.uint8)
    planes[:height] = level
    return av.VideoFrame.from_ndarray(planes, format="yuvj420p")


def write_sheets(folder, seconds: range, end: float):
    """Write the sprites of a video with one shade per second."""
    sprites = SpriteSheets()
    for second in seconds:
        if sprites.is_due(second):
            sprites.add_tile(second, picture(shade(second)))
    sheets = sprites.write(folder, end)
    return sheets, CUE.findall((folder / "sprites.vtt").read_text())


def seconds_of(clock: str) -> float:
    hours, minutes, seconds = clock.split(":")
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds)


def test_each_cue_points_to_the_tile_of_its_second(tmp_path):
    sheets, cues = write_sheets(tmp_path, range(60), 59.5)

    assert (sheets, len(cues)) == (3, 60)
    for number, (start, end, sheet, *place) in enumerate(cues):
        x, y, width, height = map(int, place)
        pixels = np.asarray(Image.open(BytesIO((tmp_path / sheet).read_bytes())).convert("L"))
        part = pixels[y : y + height, x : x + width].astype(int)
        assert part.shape == (136, 240)
        assert abs(part - shade(number)).max() < 12, number
        assert (seconds_of(start), seconds_of(end)) == (number, min(number + 1, 59.5))


def test_a_day_has_limited_tiles_that_reach_its_end(tmp_path):
    sheets, cues = write_sheets(tmp_path, range(86_400), 86_400)

    assert MAX_TILES / 2 <= len(cues) <= MAX_TILES
    assert sheets == -(-len(cues) // (COLUMNS * ROWS)) == len(list(tmp_path.glob("sprite-*.jpg")))
    starts = np.array([seconds_of(start) for start, *_ in cues])
    assert starts[0] == 0 and len(set(np.diff(starts))) == 1
    assert cues[-1][1] == "24:00:00.000"


def test_a_long_frame_gets_one_tile():
    spacing = Decimation(1.0, 100)
    for second in (0.0, 7.0, 7.5, 30.0):
        if spacing.is_due(second):
            spacing.keep(second)
    assert spacing.moments == [0.0, 7.0, 30.0]


@pytest.mark.parametrize(
    ("size", "tile"), [((480, 270), (240, 136)), ((270, 480), (90, 160)), ((100, 60), (100, 60)), ((480, 2), (240, 2))]
)
def test_a_tile_keeps_the_aspect_ratio(size, tile):
    assert fit_tile(*size) == tile
