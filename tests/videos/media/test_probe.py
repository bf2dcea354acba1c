import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition

from tests import footage
from videos.media.errors import MediaError
from videos.media.probe import probe_video
from videos.media.rendition import write_rendition

HDR_TAGS = (
    "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:range=limited:repeat-headers=1:max-cll=1000,400:"
    "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
)


def test_it_returns_facts_about_a_file():
    expected = probe_video(str(footage.real("bigbuckbunny")))
    assert (expected.container, expected.video_codec, expected.audio_codec, expected.audio_tracks) == (
        "mov",
        "h264",
        "aac",
        1,
    )
    assert (expected.width, expected.height, expected.frame_rate, expected.bit_depth) == (1280, 720, 25.0, 8)
    assert expected.duration == pytest.approx(5.28)


def test_its_facts_are_json():
    assert json.loads(json.dumps(probe_video(str(footage.real("bikes"))).as_dict()))["width"] == 640


def test_the_size_is_that_of_the_upright_picture():
    expected = probe_video(str(footage.clip("turned", lambda: footage.scene(5), rotation=90)))
    assert (expected.width, expected.height, expected.rotation) == (180, 320, 270)


def test_the_size_is_in_square_pixels():
    expected = probe_video(str(footage.real("carphone_pristine")))  # 176 x 144 with pixels of 12 to 11
    assert (expected.width, expected.height) == (192 + 1, 144)


def test_it_distinguishes_ten_bits_from_eight():
    options = {"preset": "ultrafast", "x265-params": "log-level=none"}
    deep = footage.clip("deep", lambda: footage.scene(5), codec="libx265", pixel_format="yuv420p10le", options=options)
    expected = probe_video(str(deep))
    assert (expected.video_codec, expected.pixel_format, expected.bit_depth) == ("hevc", "yuv420p10le", 10)


def test_it_reads_the_colour_tags_the_scan_and_the_pixel_aspect():
    options = {"preset": "ultrafast", "x265-params": f"log-level=none:{HDR_TAGS}"}
    hdr = probe_video(
        str(footage.clip("hdr", lambda: footage.scene(5), codec="libx265", pixel_format="yuv420p10le", options=options))
    )

    assert (hdr.primaries, hdr.transfer, hdr.matrix, hdr.color_range) == ("BT.2020", "PQ", "BT.2020", "limited")
    assert hdr.hdr["light_level"] == [1000, 400]
    assert hdr.hdr["luminance"] == pytest.approx([0.005, 1000])
    assert (hdr.scan, hdr.pixel_aspect) == ("progressive", "1:1")
    assert probe_video(str(footage.real("carphone_pristine"))).pixel_aspect != "1:1"


def test_it_tells_which_field_comes_first():
    options = {"preset": "ultrafast", "x264-params": "tff=1"}
    interlaced = footage.clip("fields", lambda: footage.scene(5), options=options)

    assert probe_video(str(interlaced)).scan == "interlaced, top field first"


def test_it_returns_the_time_of_the_recording():
    def dated(path: Path) -> None:
        with av.open(str(footage.real("bikes"))) as source, av.open(str(path), "w") as target:
            target.metadata["creation_time"] = "2024-05-06T07:08:09Z"
            stream = target.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(source.streams.video[0]):
                if packet.dts is not None:
                    packet.stream = stream
                    target.mux(packet)

    expected = probe_video(str(footage.cached("dated", dated)))
    assert expected.created_at == "2024-05-06T07:08:09+00:00"


def test_an_unset_clock_is_not_a_date():
    assert probe_video(str(footage.real("bigbuckbunny"))).created_at is None


def test_it_reads_the_start_timecode():
    def coded(path: Path) -> None:
        with av.open(str(footage.real("bikes"))) as source, av.open(str(path), "w") as target:
            stream = target.add_stream_from_template(source.streams.video[0])
            stream.metadata["timecode"] = "01:00:00:00"
            for packet in source.demux(source.streams.video[0]):
                if packet.dts is not None:
                    packet.stream = stream
                    target.mux(packet)

    assert probe_video(str(footage.cached("coded", coded, ".mov"))).timecode == "01:00:00:00"
    assert probe_video(str(footage.real("bikes"))).timecode is None


@pytest.mark.parametrize("suffix", [".mkv", ".avi", ".ts", ".flv", ".mov"])
def test_it_reads_common_containers(suffix):
    path = footage.clip("short", lambda: footage.scene(10), suffix)
    assert probe_video(str(path)).duration == pytest.approx(0.4, abs=0.1)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(MediaError, match="no file at"):
        probe_video(str(tmp_path / "nothing.mp4"))


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(MediaError, match="is empty"):
        probe_video(str(tmp_path / "empty.mp4"))


def test_a_text_file_with_a_video_extension_is_refused(tmp_path):
    (tmp_path / "text.mp4").write_text("This is not a video.\n" * 50)
    with pytest.raises(MediaError, match="cannot read this file as a video"):
        probe_video(str(tmp_path / "text.mp4"))


def test_an_incomplete_file_has_its_own_message():
    with pytest.raises(MediaError, match="incomplete or damaged"):
        probe_video(str(footage.truncated()))


def test_an_audio_file_is_refused():
    with pytest.raises(MediaError, match="no picture"):
        probe_video(str(footage.audio_only()))


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://{}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{}'\n",
    ],
)
def test_a_playlist_opens_no_other_file(tmp_path, text):
    playlist = tmp_path / "innocent.mp4"
    playlist.write_text(text.format(footage.real("bikes")))
    with pytest.raises(MediaError):
        probe_video(str(playlist))


def test_an_image_is_not_a_video(tmp_path):
    picture = tmp_path / "picture.mp4"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    with pytest.raises(MediaError):
        probe_video(str(picture))


def test_a_url_is_not_a_path():
    with pytest.raises(MediaError, match="no file at"):
        probe_video("http://127.0.0.1:9/video.mp4")


def test_frames_beyond_the_limit_are_refused(monkeypatch):
    monkeypatch.setattr("videos.media.demux.MAX_SIDE", 600)
    with pytest.raises(MediaError, match="640 x 272"):
        probe_video(str(footage.real("bikes")))


def test_a_video_longer_than_a_day_is_refused(monkeypatch):
    monkeypatch.setattr("videos.media.probe.MAX_DURATION_SECONDS", 5.0)
    with pytest.raises(MediaError, match="longer than"):
        probe_video(str(footage.real("bikes")))


def test_a_header_without_frames_is_refused(tmp_path):
    whole = footage.clip("short", lambda: footage.scene(10), ".mkv").read_bytes()
    path = Path(tmp_path / "head.mkv")
    path.write_bytes(whole[: whole.index(b"\x1f\x43\xb6\x75")])  # up to the first cluster
    with pytest.raises(MediaError):
        probe_video(str(path))


def with_two_tracks(path, default):
    """Return a film with a high tone in English and a low one in German, one of them marked as the default."""
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
    """Return the strongest frequency of the default audio track, in hertz."""
    with av.open(str(path)) as container:
        heard = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])[4800:28800]
    return np.abs(np.fft.rfft(heard)).argmax() * 2


@pytest.mark.parametrize(("default", "codec", "hertz"), [(0, "aac", 2000), (1, "opus", 200)])
def test_all_audio_tracks_are_listed_and_the_rendition_has_the_default_one(tmp_path, default, codec, hertz):
    found = probe_video(str(with_two_tracks(tmp_path / "film.mkv", default)))

    assert (found.audio_tracks, found.audio_codec) == (2, codec)
    assert [(track.codec, track.language, track.is_default) for track in found.audio] == [
        ("aac", "eng", default == 0),
        ("opus", "ger", default == 1),
    ]
    assert (found.audio[1].title, found.audio[1].channels, found.audio[1].sample_rate) == ("Commentary", 2, 48000)
    write_rendition(str(tmp_path / "film.mkv"), str(tmp_path / "copy.mp4"), lambda share: None)
    assert pitch(tmp_path / "copy.mp4") == pytest.approx(hertz, abs=4)


@pytest.mark.parametrize(("transfer", "expected"), [("smpte2084", "PQ"), ("arib-std-b67", "HLG")])
def test_high_dynamic_range_is_recognised(tmp_path, transfer, expected):
    found = probe_video(str(footage.bright_ramp(tmp_path / "ramp.mp4", transfer, frames=1)))

    assert (found.dynamic_range, found.primaries, found.bit_depth) == (expected, "BT.2020", 10)
