import av
import numpy as np
import pytest

from tests import footage
from videos.media.browser_support import plays_in_browsers
from videos.media.errors import MediaError
from videos.media.probe import probe_video
from videos.media.rendition import write_rendition

QUIET = {"x265-params": "log-level=none"}


def silent(share):
    pass


@pytest.fixture(scope="module")
def frames():
    return footage.pixels("bikes", 160, 90)[:30]


def decoded(path):
    with av.open(str(path)) as container:
        return [(frame.time, frame) for frame in container.decode(video=0)]


def loudness(path, begin, end):
    """Return the root mean square of the audio between two seconds."""
    with av.open(str(path)) as container:
        heard = [frame.to_ndarray() for frame in container.decode(audio=0) if begin <= frame.time < end]
    return float(np.sqrt(np.square(np.concatenate(heard, axis=1)).mean())) if heard else 0.0


def furthest_apart(path):
    """Return the largest distance in seconds between video and audio at one place in the file."""
    at, most = {}, 0.0
    with av.open(str(path)) as container:
        for packet in container.demux():
            if packet.dts is not None:
                at[packet.stream.type] = float(packet.dts * packet.time_base)
                most = max(most, max(at.values()) - min(at.values()))
    assert len(at) == 2
    return most


def facts(path):
    return probe_video(str(path)).as_dict()


def test_the_copy_plays_in_every_browser(tmp_path, frames):
    original = footage.write(tmp_path / "a.mkv", frames, 25, "libx265", QUIET, sound=True)
    assert not plays_in_browsers(facts(original))

    created = write_rendition(str(original), str(tmp_path / "a.mp4"), silent)

    copy = facts(tmp_path / "a.mp4")
    assert plays_in_browsers(copy)
    assert (copy["video_codec"], copy["audio_codec"]) == ("h264", "aac")
    assert created == {"width": 160, "height": 90, "sound": True, "bytes": (tmp_path / "a.mp4").stat().st_size}


def test_the_copy_begins_with_its_index(tmp_path, frames):
    original = footage.write(tmp_path / "a.mkv", frames, 25, "libx265", QUIET)

    write_rendition(str(original), str(tmp_path / "a.mp4"), silent)

    whole = (tmp_path / "a.mp4").read_bytes()
    assert whole.index(b"moov") < whole.index(b"mdat")


def test_every_frame_keeps_its_time_at_a_variable_rate(tmp_path, frames):
    times = [0.0, *np.cumsum(np.random.default_rng(1).choice([0.02, 0.04, 0.1], 29))]
    original = footage.write(tmp_path / "a.mkv", frames, 25, "libx265", QUIET, times=times)

    write_rendition(str(original), str(tmp_path / "a.mp4"), silent)

    before, after = ([time for time, _ in decoded(path)] for path in (original, tmp_path / "a.mp4"))
    assert len(before) == len(after) == 30
    assert after[0] == 0
    assert np.abs(np.array(before) - before[0] - after).max() < 0.001


def test_the_frames_look_like_those_of_the_original(tmp_path, frames):
    original = footage.write(tmp_path / "a.mkv", frames, 25, "libx265", QUIET)

    write_rendition(str(original), str(tmp_path / "a.mp4"), silent)

    for (_, was), (_, now) in zip(decoded(original), decoded(tmp_path / "a.mp4"), strict=True):
        apart = np.abs(was.to_ndarray(format="gray").astype(int) - now.to_ndarray(format="gray"))
        assert apart.mean() < 3


def test_a_rotated_video_is_written_upright(tmp_path, frames):
    original = footage.write(tmp_path / "a.mp4", frames, 25, rotation=90)

    write_rendition(str(original), str(tmp_path / "b.mp4"), silent)

    copy = facts(tmp_path / "b.mp4")
    assert (copy["width"], copy["height"], copy["rotation"]) == (90, 160, 0)
    assert (facts(original)["width"], facts(original)["height"]) == (90, 160)


@pytest.mark.parametrize(
    ("size", "shown"), [((2560, 1440), (1920, 1080)), ((1080, 2400), (864, 1920)), ((101, 75), (100, 76))]
)
def test_large_and_odd_sizes_fit(tmp_path, size, shown):
    flat = [np.full((size[1], size[0], 3), 90, np.uint8)] * 3
    original = footage.write(tmp_path / "a.mkv", flat, 25, "ffv1", {}, "yuv444p")

    created = write_rendition(str(original), str(tmp_path / "a.mp4"), silent)

    assert (created["width"], created["height"]) == shown


def test_progress_rises_from_zero_to_one(tmp_path, frames):
    original = footage.write(tmp_path / "a.mkv", frames, 25, "libx265", QUIET)
    shares = []

    write_rendition(str(original), str(tmp_path / "a.mp4"), shares.append)

    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize("interlaced", [False, True])
def test_progress_follows_the_time_of_the_video(tmp_path, interlaced):
    original = tmp_path / "a.mkv"
    if interlaced:
        footage.interlaced(original, footage.scene(200, 1, 160, 96))
    else:
        footage.write(original, footage.scene(100, 1, 160, 96), codec="mpeg4")
    shares = []

    write_rendition(str(original), str(tmp_path / "a.mp4"), shares.append)

    assert shares == pytest.approx([0, 0.25, 0.5, 0.75, 1], abs=0.02)


def test_audio_and_video_are_interleaved(tmp_path):
    original = footage.write(tmp_path / "a.mkv", footage.scene(250, 1, 160, 96), codec="mpeg4", sound=True)

    write_rendition(str(original), str(tmp_path / "a.mp4"), silent)

    assert furthest_apart(tmp_path / "a.mp4") < 1.5


def test_audio_may_change_its_layout_and_rate(tmp_path):
    sounds = [("stereo", 48000), ("5.1(side)", 48000), ("mono", 44100), ("stereo", 48000)]
    original = footage.broadcast(tmp_path / "a.ts", sounds, [(160, 96)] * 4)

    write_rendition(str(original), str(tmp_path / "a.mp4"), silent)

    assert [loudness(tmp_path / "a.mp4", at, at + 0.5) > 0.1 for at in (0.25, 1.25, 2.25, 3.25)] == [True] * 4
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert container.duration / av.time_base == pytest.approx(4, abs=0.1)


def test_a_gap_in_the_audio_stays_silent(tmp_path):
    original = footage.write(tmp_path / "a.mkv", footage.scene(100, 1, 160, 96), codec="mpeg4", sound=True)
    with av.open(str(original)) as source, av.open(str(tmp_path / "b.mkv"), "w") as gappy:
        streams = {stream.index: gappy.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.dts is not None and not (packet.stream.type == "audio" and 1 < packet.dts * packet.time_base < 3):
                packet.stream = streams[packet.stream.index]
                gappy.mux(packet)

    write_rendition(str(tmp_path / "b.mkv"), str(tmp_path / "a.mp4"), silent)

    found = [loudness(tmp_path / "a.mp4", at, at + 0.6) for at in (0.2, 1.2, 2.2, 3.2)]
    assert [level > 0.01 for level in found] == [True, False, False, True]


def test_frames_of_another_size_are_scaled_to_the_first(tmp_path):
    original = footage.broadcast(tmp_path / "a.ts", sizes=[(160, 96), (320, 192), (160, 96)])

    write_rendition(str(original), str(tmp_path / "a.mp4"), silent)

    before, after = decoded(original), decoded(tmp_path / "a.mp4")
    assert {frame.width for _, frame in before} == {160, 320}
    assert {frame.width for _, frame in after} == {160}
    assert np.array([time for time, _ in before]) - before[0][0] == pytest.approx([time for time, _ in after], abs=1e-3)


@pytest.mark.parametrize("kind", ["rgb24", "rgba", "rgb48be", "gray"])
def test_rgb_video_keeps_its_colours(tmp_path, kind):
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (128, 64, 200)]
    if kind == "gray":
        colours = [(level, level, level) for level in (0, 60, 120, 180, 255)]
    bars = np.repeat(np.array(colours, np.uint8), 32, axis=0)[None].repeat(96, axis=0)
    original = footage.write(tmp_path / "a.mov", [bars] * 3, codec="png", pixel_format=kind)

    write_rendition(str(original), str(tmp_path / "a.mp4"), silent)

    _, shown = decoded(tmp_path / "a.mp4")[1]
    seen = shown.reformat(format="rgb24", src_colorspace=1).to_ndarray()[48, 16::32]
    assert int(shown.colorspace) == 1
    assert np.abs(seen.astype(int) - colours).max() < 6


def test_an_undecodable_file_is_refused(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"\0\0\0\x18ftypisom" + b"\0" * 500)

    with pytest.raises(MediaError, match="damaged"):
        write_rendition(str(tmp_path / "a.mp4"), str(tmp_path / "b.mp4"), silent)


def test_an_hdr_ramp_stays_in_order_and_fills_the_sdr_range(tmp_path):
    footage.bright_ramp(tmp_path / "pq.mp4")

    write_rendition(str(tmp_path / "pq.mp4"), str(tmp_path / "sdr.mp4"), silent)

    _, shown = decoded(tmp_path / "sdr.mp4")[2]
    luma = shown.to_ndarray()[:180].mean(axis=0)
    assert (np.diff(luma) > -1.5).all()
    assert luma[:4].mean() == pytest.approx(16, abs=2)
    assert luma[-4:].mean() == pytest.approx(235, abs=3)
    assert int(shown.color_trc) == int(shown.colorspace) == 1
    assert len(decoded(tmp_path / "sdr.mp4")) == 5
