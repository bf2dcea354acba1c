import av
import pytest

from tests import footage
from videos.media.formats import ENDINGS, FORMATS
from videos.media.frames import decode
from videos.media.opening import open_container, video_stream
from videos.media.probe import probe

WRITTEN = {  # by ending, with a codec that such files hold
    **dict.fromkeys(("mp4", "m4v", "mov", "f4v", "3gp", "3g2", "mkv", "h264", "264"), "libx264"),
    **dict.fromkeys(("ts", "mts", "m2ts", "m2t", "vob", "m2v", "mxf"), "mpeg2video"),
    **dict.fromkeys(("mpg", "mpeg", "m1v"), "mpeg1video"),
    **dict.fromkeys(("webm", "ivf"), "libvpx"),
    **dict.fromkeys(("avi", "nut"), "mpeg4"),
    **dict.fromkeys(("wmv", "asf"), "wmv2"),
    "flv": "flv",
    "dv": "dvvideo",
    "y4m": "wrapped_avframe",
}


def test_ffmpeg_knows_every_format():
    assert set(FORMATS) <= av.formats_available


@pytest.mark.parametrize("ending", sorted(WRITTEN))
def test_files_of_that_ending_are_read(ending):
    size = (720, 576) if ending == "dv" else (352, 288)
    path = footage.clip(
        "read",
        lambda: footage.scene(12, 1, *size),
        f".{ending}",
        codec=WRITTEN[ending],
    )

    told = probe(str(path))

    assert ending in ENDINGS
    assert ending in next(endings for name, endings in FORMATS.items() if name.split(",")[0] == told.container).split()
    assert told.frame_rate == 25
    with open_container(str(path)) as container:
        assert len(list(decode(container, video_stream(container)))) == 12
