import av
import pytest

from tests import footage
from videos.media.demux import find_video_stream, open_container
from videos.media.formats import EXTENSIONS, FORMATS, SIGNATURE_BYTES, starts_like_a_video
from videos.media.frames import decode_frames
from videos.media.probe import probe_video

WRITTEN = {  # a codec by file extension
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
def test_files_with_each_extension_are_read(ending):
    size = (720, 576) if ending == "dv" else (352, 288)
    path = footage.clip(
        "read",
        lambda: footage.scene(12, 1, *size),
        f".{ending}",
        codec=WRITTEN[ending],
    )

    facts = probe_video(str(path))

    assert starts_like_a_video(path.read_bytes()[:SIGNATURE_BYTES])
    assert ending in EXTENSIONS
    assert ending in next(endings for name, endings in FORMATS.items() if name.split(",")[0] == facts.container).split()
    assert facts.frame_rate == 25
    with open_container(str(path)) as container:
        assert len(list(decode_frames(container, find_video_stream(container)))) == 12


def pack(size, skipped=0):
    """Return a transport stream with packets of this size that begins within a packet."""
    packet = (b"\x47" + bytes(range(1, 70)) * 3)[:size]
    return (packet * 8)[skipped:]


@pytest.mark.parametrize(
    "head",
    [
        *(pack(size, skipped) for size in (188, 192, 204) for skipped in (0, 1, 100)),
        b"\x00\x00\x00\x08wide\x00\x00\x00\x00mdat",
        b"\x00\x00\x00\x00\x01\xb3" + bytes(20),
        b"OggS" + bytes(30),
        b"run-in" * 100 + b"\x06\x0e\x2b\x34\x02\x05\x01\x01",
    ],
)
def test_the_first_bytes_of_a_video_are_recognised(head):
    assert starts_like_a_video(head)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"WEBVTT\n\n00:00.000 --> 00:01.000\nnot a video\n" * 50,
        b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"<!doctype html><title>GGG</title>" + b"G " * 100,
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"RIFF\x24\x00\x00\x00WAVEfmt ",
        b"PK\x03\x04" + bytes(100),
        b"\x7fELF" + bytes(100),
        bytes(4096),
    ],
)
def test_the_first_bytes_of_other_files_are_recognised(head):
    assert not starts_like_a_video(head)
