"""What differs technically between two files."""

from typing import Any

import pytest

from videos.diff.quality.technical_facts import compare_properties, name_facts

pytestmark = pytest.mark.fast
STEREO = {"codec": "aac", "channels": 2, "sample_rate": 48000, "layout": "stereo", "language": "eng", "title": None}
FILE: dict[str, Any] = {
    "duration": 62.04,
    "size": 12_345,
    "container": "mov",
    "video_codec": "h264",
    "width": 1920,
    "height": 1080,
    "frame_rate": 25.0,
    "pixel_format": "yuv420p",
    "bit_depth": 8,
    "scan": "progressive",
    "matrix": "BT.709",
    "hdr": {},
    "bit_rate": 5_200_000,
    "timecode": None,
    "audio": [STEREO],
}


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        ({"width": 1280, "height": 720}, ("resolution", "1920 × 1080", "1280 × 720")),
        ({"frame_rate": 24000 / 1001}, ("frame_rate", "25 fps", "23.976 fps")),
        ({"pixel_format": "yuv420p10le", "bit_depth": 10}, ("pixel_format", "yuv420p, 8 bits", "yuv420p10le, 10 bits")),
        ({"matrix": None}, ("matrix", "BT.709", "not set")),
        ({"timecode": "01:00:00:00"}, ("timecode", "not set", "01:00:00:00")),
        ({"audio": []}, ("audio", "AAC, stereo, 48000 Hz, eng", "none")),
        (
            {"audio": [STEREO, {**STEREO, "channels": 6, "layout": "5.1", "language": None}]},
            ("audio", "AAC, stereo, 48000 Hz, eng", "AAC, stereo, 48000 Hz, eng; AAC, 5.1, 48000 Hz"),
        ),
        (
            {"hdr": {"luminance": [0.005, 1000.0], "light_level": [1000, 400]}},
            ("hdr", "none", "mastered for 0.005 to 1000 cd/m², MaxCLL 1000, MaxFALL 400"),
        ),
        ({"duration": 62.08}, ("duration", "62.04 s", "62.08 s")),
        ({"duration": 60.0}, ("duration", "62.04 s", "60 s")),
    ],
)
def test_a_property_that_differs_is_told_on_both_sides(changes, fact):
    name, in_a, in_b = fact

    assert compare_properties(FILE, {**FILE, **changes}) == [{"name": name, "a": in_a, "b": in_b}]
    assert compare_properties({**FILE, **changes}, FILE) == [{"name": name, "a": in_b, "b": in_a}]


def test_files_with_the_same_properties_have_no_facts():
    assert compare_properties(FILE, dict(FILE)) == []


def test_properties_that_an_earlier_probe_did_not_read_are_not_compared():
    earlier = {name: value for name, value in FILE.items() if name not in {"scan", "matrix", "hdr"}}
    earlier["audio"] = [{name: value for name, value in STEREO.items() if name != "layout"}]

    assert compare_properties(earlier, FILE) == []


def test_facts_have_labels_for_people():
    [row] = name_facts(compare_properties(FILE, {**FILE, "scan": "interlaced, top field first"}))

    assert row == ("Scan", "progressive", "interlaced, top field first")
