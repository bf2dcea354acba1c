import av
import numpy as np
import pytest

from tests import footage
from videos.media.errors import MediaError
from videos.media.playable import plays_in_browsers
from videos.media.probe import probe
from videos.media.rendition import render

QUIET = {"x265-params": "log-level=none"}


def silent(share):
    pass


@pytest.fixture(scope="module")
def frames():
    return footage.pixels("bikes", 160, 90)[:30]


def decoded(path):
    with av.open(str(path)) as container:
        return [(frame.time, frame) for frame in container.decode(video=0)]


def facts(path):
    return probe(str(path)).as_dict()


def test_what_no_browser_plays_becomes_what_every_browser_plays(tmp_path, frames):
    original = footage.write(tmp_path / "a.mkv", frames, 25, "libx265", QUIET, sound=True)
    assert not plays_in_browsers(facts(original))

    made = render(str(original), str(tmp_path / "a.mp4"), silent)

    copy = facts(tmp_path / "a.mp4")
    assert plays_in_browsers(copy)
    assert (copy["video_codec"], copy["audio_codec"]) == ("h264", "aac")
    assert made == {"width": 160, "height": 90, "sound": True, "bytes": (tmp_path / "a.mp4").stat().st_size}


def test_the_copy_begins_with_its_index(tmp_path, frames):
    original = footage.write(tmp_path / "a.mkv", frames, 25, "libx265", QUIET)

    render(str(original), str(tmp_path / "a.mp4"), silent)

    whole = (tmp_path / "a.mp4").read_bytes()
    assert whole.index(b"moov") < whole.index(b"mdat")


def test_every_frame_keeps_its_moment_at_a_varying_rate(tmp_path, frames):
    times = [0.0, *np.cumsum(np.random.default_rng(1).choice([0.02, 0.04, 0.1], 29))]
    original = footage.write(tmp_path / "a.mkv", frames, 25, "libx265", QUIET, times=times)

    render(str(original), str(tmp_path / "a.mp4"), silent)

    before, after = ([time for time, _ in decoded(path)] for path in (original, tmp_path / "a.mp4"))
    assert len(before) == len(after) == 30
    assert after[0] == 0
    assert np.abs(np.array(before) - before[0] - after).max() < 0.001


def test_the_pictures_are_those_of_the_original(tmp_path, frames):
    original = footage.write(tmp_path / "a.mkv", frames, 25, "libx265", QUIET)

    render(str(original), str(tmp_path / "a.mp4"), silent)

    for (_, was), (_, now) in zip(decoded(original), decoded(tmp_path / "a.mp4"), strict=True):
        apart = np.abs(was.to_ndarray(format="gray").astype(int) - now.to_ndarray(format="gray"))
        assert apart.mean() < 3


def test_a_turned_video_is_written_upright(tmp_path, frames):
    original = footage.write(tmp_path / "a.mp4", frames, 25, rotation=90)

    render(str(original), str(tmp_path / "b.mp4"), silent)

    copy = facts(tmp_path / "b.mp4")
    assert (copy["width"], copy["height"], copy["rotation"]) == (90, 160, 0)
    assert (facts(original)["width"], facts(original)["height"]) == (90, 160)


@pytest.mark.parametrize(
    ("size", "shown"), [((2560, 1440), (1920, 1080)), ((1080, 2400), (864, 1920)), ((101, 75), (100, 76))]
)
def test_large_and_odd_sizes_fit(tmp_path, size, shown):
    flat = [np.full((size[1], size[0], 3), 90, np.uint8)] * 3
    original = footage.write(tmp_path / "a.mkv", flat, 25, "ffv1", {}, "yuv444p")

    made = render(str(original), str(tmp_path / "a.mp4"), silent)

    assert (made["width"], made["height"]) == shown


def test_progress_runs_from_nothing_to_all(tmp_path, frames):
    original = footage.write(tmp_path / "a.mkv", frames, 25, "libx265", QUIET)
    told = []

    render(str(original), str(tmp_path / "a.mp4"), told.append)

    assert told == sorted(told)
    assert told[-1] == 1.0


def test_what_cannot_be_decoded_is_told(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"\0\0\0\x18ftypisom" + b"\0" * 500)

    with pytest.raises(MediaError, match="damaged"):
        render(str(tmp_path / "a.mp4"), str(tmp_path / "b.mp4"), silent)


def test_a_ramp_in_high_dynamic_range_comes_out_in_order_and_in_full(tmp_path):
    footage.bright_ramp(tmp_path / "pq.mp4")

    render(str(tmp_path / "pq.mp4"), str(tmp_path / "sdr.mp4"), silent)

    _, shown = decoded(tmp_path / "sdr.mp4")[2]
    luma = shown.to_ndarray()[:180].mean(axis=0)
    assert (np.diff(luma) > -1.5).all()
    assert luma[:4].mean() == pytest.approx(16, abs=2)
    assert luma[-4:].mean() == pytest.approx(235, abs=3)
    assert int(shown.color_trc) == int(shown.colorspace) == 1
    assert len(decoded(tmp_path / "sdr.mp4")) == 5
