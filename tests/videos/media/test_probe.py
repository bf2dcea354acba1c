import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition

from tests import footage
from videos.media.errors import MediaError
from videos.media.probe import probe
from videos.media.rendition import render


def test_it_tells_what_a_file_holds():
    told = probe(str(footage.real("bigbuckbunny")))
    assert (told.container, told.video_codec, told.audio_codec, told.audio_tracks) == ("mov", "h264", "aac", 1)
    assert (told.width, told.height, told.frame_rate, told.bit_depth) == (1280, 720, 25.0, 8)
    assert told.duration == pytest.approx(5.28)


def test_its_answer_is_json():
    assert json.loads(json.dumps(probe(str(footage.real("bikes"))).as_dict()))["width"] == 640


def test_the_size_is_that_of_the_turned_picture():
    told = probe(str(footage.clip("turned", lambda: footage.scene(5), rotation=90)))
    assert (told.width, told.height, told.rotation) == (180, 320, 270)


def test_the_size_is_in_square_pixels():
    told = probe(str(footage.real("carphone_pristine")))  # 176 x 144 with pixels of 12 to 11
    assert (told.width, told.height) == (192 + 1, 144)


def test_it_tells_ten_bits_from_eight():
    options = {"preset": "ultrafast", "x265-params": "log-level=none"}
    deep = footage.clip("deep", lambda: footage.scene(5), codec="libx265", pixel_format="yuv420p10le", options=options)
    told = probe(str(deep))
    assert (told.video_codec, told.pixel_format, told.bit_depth) == ("hevc", "yuv420p10le", 10)


def test_it_tells_when_the_recording_was_made():
    def dated(path: Path) -> None:
        with av.open(str(footage.real("bikes"))) as source, av.open(str(path), "w") as target:
            target.metadata["creation_time"] = "2024-05-06T07:08:09Z"
            stream = target.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(source.streams.video[0]):
                if packet.dts is not None:
                    packet.stream = stream
                    target.mux(packet)

    told = probe(str(footage.cached("dated", dated)))
    assert told.created_at == "2024-05-06T07:08:09+00:00"


def test_an_unset_clock_is_no_date():
    assert probe(str(footage.real("bigbuckbunny"))).created_at is None


@pytest.mark.parametrize("suffix", [".mkv", ".avi", ".ts", ".flv", ".mov"])
def test_it_reads_the_usual_containers(suffix):
    path = footage.clip("short", lambda: footage.scene(10), suffix)
    assert probe(str(path)).duration == pytest.approx(0.4, abs=0.1)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(MediaError, match="no file at"):
        probe(str(tmp_path / "nothing.mp4"))


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(MediaError, match="is empty"):
        probe(str(tmp_path / "empty.mp4"))


def test_text_named_as_a_video_is_refused(tmp_path):
    (tmp_path / "text.mp4").write_text("I am no video at all, whatever my name says.\n" * 50)
    with pytest.raises(MediaError, match="no video that Sage can read"):
        probe(str(tmp_path / "text.mp4"))


def test_a_file_cut_short_is_told_apart():
    with pytest.raises(MediaError, match="cut short or damaged"):
        probe(str(footage.truncated()))


def test_sound_alone_is_refused():
    with pytest.raises(MediaError, match="no picture"):
        probe(str(footage.audio_only()))


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://{}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{}'\n",
    ],
)
def test_a_playlist_opens_nothing(tmp_path, text):
    playlist = tmp_path / "innocent.mp4"
    playlist.write_text(text.format(footage.real("bikes")))
    with pytest.raises(MediaError):
        probe(str(playlist))


def test_an_image_is_no_video(tmp_path):
    picture = tmp_path / "picture.mp4"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    with pytest.raises(MediaError):
        probe(str(picture))


def test_an_address_is_no_path():
    with pytest.raises(MediaError, match="no file at"):
        probe("http://127.0.0.1:9/video.mp4")


def test_frames_beyond_the_limit_are_refused(monkeypatch):
    monkeypatch.setattr("videos.media.opening.MAX_SIDE", 600)
    with pytest.raises(MediaError, match="640 x 272"):
        probe(str(footage.real("bikes")))


def test_a_day_is_the_longest(monkeypatch):
    monkeypatch.setattr("videos.media.probe.MAX_DURATION_SECONDS", 5.0)
    with pytest.raises(MediaError, match="longer than"):
        probe(str(footage.real("bikes")))


def test_a_header_without_frames_is_refused(tmp_path):
    whole = footage.clip("short", lambda: footage.scene(10), ".mkv").read_bytes()
    path = Path(tmp_path / "head.mkv")
    path.write_bytes(whole[: whole.index(b"\x1f\x43\xb6\x75")])  # up to the first cluster
    with pytest.raises(MediaError):
        probe(str(path))


def two_tongues(path, default):
    """A film with a high tone in English and a low one in German, of which one is marked as the default."""
    with av.open(str(path), "w") as out:
        picture = out.add_stream("libx264", rate=25)
        picture.width, picture.height, picture.pix_fmt = 160, 90, "yuv420p"
        tracks = [out.add_stream("aac", rate=48000), out.add_stream("libopus", rate=48000)]
        for number, (track, language) in enumerate(zip(tracks, ("eng", "ger"), strict=True)):
            track.metadata["language"] = language
            track.disposition = Disposition.default if number == default else Disposition(0)
        tracks[1].metadata["title"] = "Commentary"
        for number, pixels in enumerate(footage.scene(25, width=160, height=90)):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            out.mux(picture.encode(frame))
        out.mux(picture.encode(None))
        for track, hertz in zip(tracks, (2000, 200), strict=True):
            for start in range(0, 48000, 960):
                wave = 0.4 * np.sin(2 * np.pi * hertz * np.arange(start, start + 960) / 48000)
                sound = av.AudioFrame.from_ndarray(wave.astype(np.float32)[None], format="flt", layout="mono")
                sound.sample_rate, sound.pts, sound.time_base = 48000, start, Fraction(1, 48000)
                for piece in av.AudioResampler(track.format.name, "mono", 48000).resample(sound):
                    out.mux(track.encode(piece))
            out.mux(track.encode(None))
    return path


def pitch(path):
    """The strongest frequency of what plays by itself, in hertz."""
    with av.open(str(path)) as container:
        heard = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])[4800:28800]
    return np.abs(np.fft.rfft(heard)).argmax() * 2


@pytest.mark.parametrize(("default", "codec", "hertz"), [(0, "aac", 2000), (1, "opus", 200)])
def test_every_sound_track_is_told_and_the_default_one_plays_in_the_copy(tmp_path, default, codec, hertz):
    found = probe(str(two_tongues(tmp_path / "film.mkv", default)))

    assert (found.audio_tracks, found.audio_codec) == (2, codec)
    assert [(track.codec, track.language, track.is_default) for track in found.audio] == [
        ("aac", "eng", default == 0),
        ("opus", "ger", default == 1),
    ]
    assert (found.audio[1].title, found.audio[1].channels, found.audio[1].sample_rate) == ("Commentary", 2, 48000)
    render(str(tmp_path / "film.mkv"), str(tmp_path / "copy.mp4"), lambda share: None)
    assert pitch(tmp_path / "copy.mp4") == pytest.approx(hertz, abs=4)


@pytest.mark.parametrize(("transfer", "told"), [("smpte2084", "PQ"), ("arib-std-b67", "HLG")])
def test_high_dynamic_range_is_told(tmp_path, transfer, told):
    found = probe(str(footage.bright_ramp(tmp_path / "ramp.mp4", transfer, frames=1)))

    assert (found.dynamic_range, found.primaries, found.bit_depth) == (told, "BT.2020", 10)
