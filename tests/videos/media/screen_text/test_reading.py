import numpy as np
import pytest

from tests import footage
from tests.titles import SHARED_TITLES, Title, draw_titles, titled_clip
from videos.media.errors import MediaError
from videos.media.screen_text import reading, recognition
from videos.media.screen_text.recognition import TextReader


def read(path, duration):
    return reading.read_screen_text(str(path), duration, lambda share: None)


def write(path, frames, titles=(), **how):
    return footage.write(path, draw_titles(frames, titles), **how)


def test_titles_over_moving_footage_are_read_with_their_times_and_places():
    lines = read(titled_clip(), 3.0)

    assert [line["text"] for line in lines] == [title.text for title in SHARED_TITLES]
    for line, title in zip(lines, SHARED_TITLES, strict=True):
        assert abs(line["start"] - title.start) <= 0.25
        assert abs(line["end"] - title.end) <= 0.25
        left, top, width, height = line["box"]
        assert (abs(left - title.place[0]) < 0.05, abs(top - title.place[1]) < 0.08) == (True, True)
        assert 0.05 < height < 0.2
        assert 0.1 < width < 0.9
        assert 0.8 < line["confidence"] <= 1


def test_the_progress_is_reported_as_a_share():
    shares = []

    reading.read_screen_text(str(titled_clip()), 3.0, shares.append)

    assert shares == sorted(shares)
    assert 0.9 < shares[-1] <= 1


@pytest.mark.parametrize("kind", ["noise", "plain", "shapes"])
def test_footage_without_text_has_no_lines(tmp_path, kind):
    rng = np.random.default_rng(3)
    frames = {
        "noise": lambda: [rng.integers(0, 256, (180, 320, 3)).astype(np.uint8) for _ in range(50)],
        "plain": lambda: [np.full((180, 320, 3), 90, np.uint8)] * 50,
        "shapes": lambda: list(footage.scene(50)),
    }[kind]()

    assert read(write(tmp_path / "clip.mp4", frames), 2.0) == []


@pytest.mark.parametrize("size", [(3840, 2160), (1080, 1920), (320, 240)])
def test_frames_of_every_size_are_read(tmp_path, size):
    still = np.full((size[1], size[0], 3), 80, np.uint8)
    path = write(tmp_path / "clip.mp4", [still] * 10, [Title("Twelve", 0, 9, 0.1)], rate=5)

    (line,) = read(path, 2.0)

    assert (line["text"], line["start"], line["end"]) == ("Twelve", 0.0, 2.0)


def test_a_frame_that_is_stored_rotated_is_read_upright(tmp_path):
    upright = draw_titles([np.full((320, 240, 3), 80, np.uint8)] * 10, [Title("Twelve", 0, 9, 0.1)])
    path = footage.write(tmp_path / "clip.mp4", (np.rot90(frame) for frame in upright), rate=5, rotation=-90)

    (line,) = read(path, 2.0)

    assert line["text"] == "Twelve"
    assert abs(line["box"][1] - 0.78) < 0.08


def test_a_still_that_does_not_change_is_read_once(tmp_path, monkeypatch):
    searched = []
    find_boxes = TextReader.find_boxes
    monkeypatch.setattr(TextReader, "find_boxes", lambda self, picture: searched.append(1) or find_boxes(self, picture))
    path = write(
        tmp_path / "clip.mp4", [np.full((180, 320, 3), 80, np.uint8)] * 60, [Title("Twelve", 0, 99, 0.1)], rate=5
    )

    (line,) = read(path, 12.0)

    assert (line["start"], line["end"]) == (0.0, 12.0)
    assert len(searched) <= 2


def test_a_very_long_video_is_read_at_longer_intervals(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_READS", 4)
    searched = []
    monkeypatch.setattr(TextReader, "find_boxes", lambda self, picture: searched.append(1) or [])
    path = footage.clip("film", footage.film)

    assert read(path, 12.0) == []
    assert 2 <= len(searched) <= 8


def test_the_number_of_lines_that_are_read_is_limited(monkeypatch):
    monkeypatch.setattr(reading, "MAX_RECOGNISED", 1)

    assert len(read(titled_clip(), 3.0)) <= 2


def test_missing_models_are_reported_in_a_sentence(tmp_path):
    with pytest.raises(MediaError, match="not installed. Install rapidocr again"):
        TextReader(tmp_path)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  Two   words ", "Two words"),
        ("\u202eevil\u202c \u2067name\u2069", "evil name"),
        ("a\x00b\x1bc\ud800", "abc"),
        ("שלום עולם", "שלום עולם"),
        ("\u200f", ""),
    ],
)
def test_invisible_characters_and_marks_of_direction_are_removed(text, clean):
    assert recognition.clean_line(text) == clean
