"""Write the pictures that show a difference on both sides."""

from pathlib import Path

from videos.diff.script.stored import SideName
from videos.media.frames import FrameSeeker
from videos.media.stills import JpegWriter


class PictureWriter:
    """Writes the pictures of a moment in A and in B."""

    def __init__(self, a: FrameSeeker, b: FrameSeeker, folder: Path) -> None:
        self._sides = {"a": (a, JpegWriter(a.pixel_aspect)), "b": (b, JpegWriter(b.pixel_aspect))}
        self._folder = folder

    def write_picture(self, index: int, side: SideName, seconds: float) -> None:
        seeker, writer = self._sides[side]
        writer.write(seeker.at(seconds), self._folder / f"{index:05d}-{side}.jpg")
