import re
from io import BytesIO

import av
import numpy as np
import pytest
from PIL import Image

from videos.media.spacing import Spacing
from videos.media.sprites import COLUMNS, MOST_TILES, ROWS, Sprites, tile_size

CUE = re.compile(r"(\S+) --> (\S+)\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)")


def shade(number: int) -> int:
    return number * 37 % 200 + 20


def picture(level: int, width: int = 480, height: int = 270) -> av.VideoFrame:
    planes = np.full((height * 3 // 2, width), 128, np.uint8)
    planes[:height] = level
    return av.VideoFrame.from_ndarray(planes, format="yuvj420p")


def kept(folder, seconds: range, end: float):
    """Sprites of a video that has one shade a second."""
    sprites = Sprites()
    for second in seconds:
        if sprites.is_due(second):
            sprites.add(second, picture(shade(second)))
    sheets = sprites.write(folder, end)
    return sheets, CUE.findall((folder / "sprites.vtt").read_text())


def seconds_of(clock: str) -> float:
    hours, minutes, seconds = clock.split(":")
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds)


def test_the_track_leads_to_the_part_of_the_sheet_that_shows_the_second(tmp_path):
    sheets, cues = kept(tmp_path, range(60), 59.5)

    assert (sheets, len(cues)) == (3, 60)
    for number, (start, end, sheet, *place) in enumerate(cues):
        x, y, width, height = map(int, place)
        pixels = np.asarray(Image.open(BytesIO((tmp_path / sheet).read_bytes())).convert("L"))
        part = pixels[y : y + height, x : x + width].astype(int)
        assert part.shape == (136, 240)
        assert abs(part - shade(number)).max() < 12, number
        assert (seconds_of(start), seconds_of(end)) == (number, min(number + 1, 59.5))


def test_a_day_has_no_more_tiles_than_an_hour_might_and_leaves_no_end_out(tmp_path):
    sheets, cues = kept(tmp_path, range(86_400), 86_400)

    assert MOST_TILES / 2 <= len(cues) <= MOST_TILES
    assert sheets == -(-len(cues) // (COLUMNS * ROWS)) == len(list(tmp_path.glob("sprite-*.jpg")))
    starts = np.array([seconds_of(start) for start, *_ in cues])
    assert starts[0] == 0 and len(set(np.diff(starts))) == 1
    assert cues[-1][1] == "24:00:00.000"


def test_after_a_long_frame_nothing_is_made_up_for():
    spacing = Spacing(1.0, 100)
    for second in (0.0, 7.0, 7.5, 30.0):
        if spacing.is_due(second):
            spacing.keep(second)
    assert spacing.moments == [0.0, 7.0, 30.0]


@pytest.mark.parametrize(
    ("size", "tile"), [((480, 270), (240, 136)), ((270, 480), (90, 160)), ((100, 60), (100, 60)), ((480, 2), (240, 2))]
)
def test_a_tile_keeps_the_shape_of_the_picture(size, tile):
    assert tile_size(*size) == tile
