import re
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests import footage
from videos.fingerprint.decode_pass import has_variable_rate, run_decode_pass
from videos.fingerprint.format import read_fingerprint
from videos.media.errors import MediaError
from videos.media.frames import READER_THREAD, open_frame_seeker


def run_pass(path: Path, folder: Path) -> dict:
    return run_decode_pass(str(path), str(folder), lambda share: None)


def test_one_pass_writes_all_files(tmp_path):
    room = tmp_path / "room"
    room.mkdir()
    facts = run_pass(footage.real("bikes"), room)
    assert (facts["frame_count"], facts["duration"], facts["frame_rate"]) == (250, 10.0, 25.0)
    assert (facts["width"], facts["height"], facts["variable_frame_rate"]) == (640, 272, False)
    assert facts["stills"] == [0.0, 2.0, 4.0, 6.0, 8.0]
    assert facts["fingerprint_bytes"] == (room / "fingerprint.bin").stat().st_size
    names = {path.name for path in room.iterdir()}
    stills = {f"still-{number:05d}.jpg" for number in range(5)}
    assert names == {"fingerprint.bin", "times.f64", "poster.jpg", "sprites.vtt", "sprite-000.jpg", *stills}
    assert (room / "sprites.vtt").read_text().count(" --> ") == 10


def test_times_begin_at_the_first_frame_shown(tmp_path):
    path = footage.clip("late", lambda: footage.scene(10), ".mkv", times=tuple(3 + index / 10 for index in range(10)))
    run_pass(path, tmp_path)
    assert np.fromfile(tmp_path / "times.f64", "<f8") == pytest.approx(np.arange(10) / 10, abs=0.002)


def test_a_fingerprint_is_read_as_it_was_written(tmp_path):
    facts = run_pass(footage.real("bikes"), tmp_path)
    stored = read_fingerprint(str(tmp_path / "fingerprint.bin"))
    assert len(stored) == facts["frame_count"]
    assert stored.duration == facts["duration"]
    assert stored.times.tolist() == np.fromfile(tmp_path / "times.f64", "<f8").tolist()
    small = footage.pixels("bikes", 64, 36)[100] @ np.array([0.257, 0.504, 0.098]) + 16
    assert np.abs(stored.records["luma"][100] - small).mean() < 3


def test_a_blur_takes_detail_away(tmp_path):
    sharp = np.random.default_rng(1).integers(0, 256, (3, 180, 320, 3), np.uint8)
    soft = np.stack([np.asarray(Image.fromarray(frame).resize((16, 9)).resize((320, 180))) for frame in sharp])
    records = []
    for name, frames in (("noise", sharp), ("soft-noise", soft)):
        (tmp_path / name).mkdir()
        run_pass(footage.clip(name, lambda frames=frames: frames), tmp_path / name)
        records.append(read_fingerprint(str(tmp_path / name / "fingerprint.bin")).records)
    assert records[1]["detail"].mean() < 0.6 * records[0]["detail"].mean()


def test_one_frame_is_a_video(tmp_path):
    facts = run_pass(footage.clip("one", lambda: footage.scene(1)), tmp_path)
    assert (facts["frame_count"], facts["stills"], facts["variable_frame_rate"]) == (1, [0.0], False)
    assert facts["duration"] == pytest.approx(0.04)


def test_the_poster_is_not_blank(tmp_path):
    black = np.zeros((60, 180, 320, 3), np.uint8)
    run_pass(footage.clip("fade", lambda: np.concatenate([black, footage.scene(60)])), tmp_path)
    assert np.asarray(Image.open(tmp_path / "poster.jpg")).std() > 20


def test_a_black_video_has_a_poster_too(tmp_path):
    run_pass(footage.clip("black", lambda: np.zeros((5, 180, 320, 3), np.uint8)), tmp_path)
    assert Image.open(tmp_path / "poster.jpg").size == (320, 180)


def test_only_damaged_frames_are_lost(tmp_path):
    facts = run_pass(footage.damaged(), tmp_path)
    assert facts["duration"] == pytest.approx(12, abs=0.2)


def test_a_callback_may_stop_it_while_frames_are_read_ahead(tmp_path):
    def stop(seconds, records):
        raise RuntimeError

    for _ in range(5):
        with pytest.raises(RuntimeError):
            run_decode_pass(str(footage.real("bikes")), str(tmp_path), lambda share: None, stop)
        assert not any(thread.name == READER_THREAD for thread in threading.enumerate())


def test_a_rotated_film_of_odd_size_and_variable_rate_is_upright_and_on_time(tmp_path):
    frames = footage.scene(6, width=160, height=90)[:, :89, :159]
    times = (0.0, 0.1, 1.5, 1.6, 4.0, 4.1)
    film = footage.write(tmp_path / "odd.mov", frames, 25, "png", None, "rgb24", times, rotation=90)

    facts = run_pass(film, tmp_path)

    assert (facts["width"], facts["height"], facts["variable_frame_rate"]) == (89, 159, True)
    assert facts["stills"] == pytest.approx([0.0, 4.0], abs=0.01)
    for name in ("poster.jpg", "still-00000.jpg", "still-00001.jpg"):
        wide, high = Image.open(tmp_path / name).size
        assert (abs(wide - 89) <= 1, abs(high - 159) <= 1) == (True, True), name
    cues = re.findall(r"00:00:(\S+) --> 00:00:\S+\n\S+#xywh=\d+,0,(\d+),(\d+)", (tmp_path / "sprites.vtt").read_text())
    assert [float(start) for start, *_ in cues] == pytest.approx([0.0, 1.5, 4.0], abs=0.01)
    assert {(wide, high) for _, wide, high in cues} == {("88", "160")}
    sheet = np.asarray(Image.open(tmp_path / "sprite-000.jpg")).astype(int)
    turned = np.rot90(frames[4])
    shown = sheet[: turned.shape[0], 2 * 88 : 3 * 88]
    assert np.abs(shown[:, : turned.shape[1]] - turned[: shown.shape[0], : shown.shape[1]]).mean() < 20


def test_stills_are_limited_and_reach_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr("videos.media.artefacts.MAX_STILLS", 3)
    assert run_pass(footage.real("bikes"), tmp_path)["stills"] == [0.0, 4.0, 8.0]
    assert {path.name for path in tmp_path.glob("still-*")} == {f"still-0000{number}.jpg" for number in range(3)}
    with open_frame_seeker(str(footage.real("bikes"))) as seeker:
        frame = seeker.at(8)
        shown = frame.reformat(480, 204, "rgb24").to_ndarray().astype(int)
    assert np.abs(shown - np.asarray(Image.open(tmp_path / "still-00002.jpg"))).mean() < 8


def test_a_file_without_video_is_refused(tmp_path):
    with pytest.raises(MediaError, match="no picture"):
        run_pass(footage.audio_only(), tmp_path)


def test_uneven_steps_make_a_variable_rate():
    assert has_variable_rate(np.array([0, 0.04, 0.1, 0.14, 0.3]))
    assert not has_variable_rate(np.arange(100) / 29.97)
    assert not has_variable_rate(np.round(np.arange(100) / 30, 3))  # Matroska's clock


@pytest.mark.parametrize("harm", ["other", "short", "old"])
def test_a_bad_fingerprint_says_what_to_do(tmp_path, harm):
    run_pass(footage.clip("one", lambda: footage.scene(1)), tmp_path)
    path = tmp_path / "fingerprint.bin"
    data = bytearray(path.read_bytes())
    if harm == "other":
        data[:4] = b"RIFF"
    elif harm == "old":
        data[8] = 99
    else:
        data = data[:-10]
    path.write_bytes(data)
    with pytest.raises(MediaError, match="Analyse the video again"):
        read_fingerprint(str(path))
