"""Unusual and malformed files. Each is processed correctly or refused with a plain message."""

import numpy as np
import pytest

from sage.storage import storage
from tests import footage
from videos.models import Job, Video

pytestmark = pytest.mark.django_db
FOLLOW_UPS = (Job.Kind.RENDITION, Job.Kind.SCREEN_TEXT)  # that the video does not wait for


@pytest.fixture
def frames():
    return footage.pixels("bikes", 160, 90)[:24]


@pytest.fixture
def process(alice, make_video, settings):
    """Return a function that uploads a file, runs its jobs, and checks that no job and no scratch is left."""

    def process_file(path):
        video = make_video(alice, path, run=True)
        assert not Job.objects.open().exclude(kind__in=FOLLOW_UPS).exists()
        assert list(settings.SCRATCH_DIR.iterdir()) == []
        assert storage.stat(video.storage_key).size == path.stat().st_size
        return video

    return process_file


def is_plain(sentence):
    return sentence.endswith(".") and "Traceback" not in sentence and "/" not in sentence and len(sentence) < 200


def write_text_file(path, frames):
    path.write_text("WEBVTT\n\n00:00.000 --> 00:01.000\nnot a video\n" * 50)


def write_zeros(path, frames):
    path.write_bytes(bytes(100_000))


def write_noise(path, frames):
    path.write_bytes(np.random.default_rng(1).bytes(200_000))


def write_truncated(path, frames):
    footage.write(path, frames)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


def write_playlist(path, frames):
    path.write_text("#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n")


def write_concat_script(path, frames):
    path.write_text("ffconcat version 1.0\nfile /etc/passwd\n")


def write_picture(path, frames):
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(2000))


@pytest.mark.parametrize(
    "write_file",
    [write_text_file, write_zeros, write_noise, write_truncated, write_playlist, write_concat_script, write_picture],
)
def test_a_file_that_is_not_a_video_is_refused_with_a_plain_message(process, frames, tmp_path, write_file):
    write_file(tmp_path / "upload.mp4", frames)

    video = process(tmp_path / "upload.mp4")

    assert video.status == Video.Status.FAILED
    assert is_plain(video.error), video.error


def test_an_audio_file_is_refused(process):
    video = process(footage.audio_only())

    assert video.status == Video.Status.FAILED
    assert "no picture" in video.error


def test_extreme_dimensions_are_refused(process, tmp_path):
    (tmp_path / "huge.y4m").write_bytes(b"YUV4MPEG2 W60000 H60000 F25:1 Ip A1:1 C420jpeg\nFRAME\n" + bytes(100_000))

    video = process(tmp_path / "huge.y4m")

    assert video.status == Video.Status.FAILED
    assert is_plain(video.error), video.error


def test_a_wrong_size_in_the_header_is_ignored(process, frames, tmp_path):
    path = footage.write(tmp_path / "huge.avi", frames, codec="mpeg4")
    data = bytearray(path.read_bytes())
    at = data.find(b"strf") + 8
    data[at + 4 : at + 12] = (60_000).to_bytes(4, "little") * 2
    path.write_bytes(bytes(data))

    video = process(path)

    assert (video.status, video.width, video.height) == (Video.Status.READY, 160, 90)


def test_one_frame_is_a_video(process, frames, tmp_path):
    video = process(footage.write(tmp_path / "one.mp4", frames[:1]))

    assert (video.status, video.frame_count) == (Video.Status.READY, 1)
    assert video.duration > 0


def test_a_variable_frame_rate_keeps_its_times(process, frames, tmp_path):
    times = [0, 0.04, 0.08, 0.5, 0.54, 1.2, 1.3, 2.0]

    video = process(footage.write(tmp_path / "vfr.mp4", frames[:8], times=times))

    kept = np.frombuffer(storage.read(video.derived_key("times.f64")), "<f8")
    assert kept == pytest.approx(times, abs=0.002)


@pytest.mark.parametrize("rotation", [90, -90, 180])
def test_rotation_is_applied(process, frames, tmp_path, rotation):
    video = process(footage.write(tmp_path / "turned.mp4", frames, rotation=rotation))

    assert (video.width, video.height) == ((160, 90) if rotation == 180 else (90, 160))


@pytest.mark.parametrize(
    ("pixel_format", "codec", "options"),
    [("yuv420p10le", "libx265", {"x265-params": "log-level=none"}), ("yuv444p", "libx264", {})],
)
def test_ten_bits_and_full_chroma_are_read(process, frames, tmp_path, pixel_format, codec, options):
    video = process(
        footage.write(tmp_path / "deep.mp4", frames, codec=codec, pixel_format=pixel_format, options=options)
    )

    assert video.status == Video.Status.READY


def test_odd_sizes_are_read(process, frames, tmp_path):
    video = process(footage.write(tmp_path / "odd.mkv", frames[:, :89, :159], codec="ffv1", pixel_format="yuv444p"))

    assert (video.status, video.width, video.height) == (Video.Status.READY, 159, 89)


def test_a_damaged_middle_is_skipped(process, frames, tmp_path):
    path = footage.write(tmp_path / "damaged.mp4", np.concatenate([frames] * 4))
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 600] = bytes(600)
    path.write_bytes(bytes(data))

    video = process(path)

    assert video.status == Video.Status.READY
    assert 70 <= video.frame_count <= 96
