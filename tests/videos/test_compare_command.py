import json
import os
import subprocess
import sys
from pathlib import Path

import opentimelineio as otio
import pytest

from tests import footage
from tests.videos.diff.versions import film, marked, of, original, spliced, stranger
from videos.management.commands.compare import clock

ROOT = Path(__file__).parents[2]


def run(*arguments: object, **settings: str) -> subprocess.CompletedProcess[str]:
    """The command as its user runs it, where no database and no server answer."""
    nowhere = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1"}
    command = [sys.executable, "manage.py", "compare", *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | nowhere | settings, capture_output=True, text=True, check=False
    )


def longer() -> Path:
    return of("inserted", spliced(film()[:70], stranger(30), film()[70:]))


def test_the_same_video_exits_0():
    ran = run(original(), original())
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "100 % the same, 0 differences." in ran.stdout


def test_a_difference_exits_1_and_is_shown():
    ran = run(original(), longer())
    assert (ran.returncode, ran.stderr) == (1, "")
    line = next(line for line in ran.stdout.splitlines() if line.startswith("inserted"))
    assert line.split() == ["inserted", "-", "0:02.800", "-", "0:04.000", "high"]


def test_columns_are_aligned():
    lines = run(original(), longer()).stdout.splitlines()
    assert len({line.index("0:0") for line in lines[1:4:2]}) == 1


def test_json_is_one_object():
    ran = run(original(), longer(), "--json", "--no-regions")
    told = json.loads(ran.stdout)
    assert set(told) == {"duration_a", "duration_b", "transforms", "segments"}
    assert [segment["op"] for segment in told["segments"]] == ["equal", "inserted", "equal"]
    assert set(told["segments"][0]) == {"op", "a", "b", "distance", "severity", "regions"}


def test_an_edl_can_be_opened_again():
    ran = run(original(), longer(), "--format", "edl", "--no-regions")
    timeline = otio.adapters.read_from_string(ran.stdout, "cmx_3600", rate=25)
    assert [clip.metadata["cmx_3600"]["reel"] for clip in timeline.tracks[0]] == ["A", "B", "A"]


def test_intervals_are_compared_at_the_same_times():
    told = json.loads(run(original(), longer(), "--interval", "cosine", "--format", "json").stdout)
    assert (told["mode"], told["metric"]) == ("interval", "cosine")
    assert [segment["op"] for segment in told["segments"]][-1] == "inserted"


def test_a_threshold_decides_what_counts():
    logo = of("logo", marked(slice(50, 100), (slice(10, 30), slice(120, 150))))
    counts = []
    for at in ("0.01", "0.5"):
        ran = run(original(), logo, "--interval", "cosine", "--json", "--threshold", at)
        counts.append(sum(segment["op"] == "changed" for segment in json.loads(ran.stdout)["segments"]))
    assert counts == [1, 0]


def test_intervals_count_from_the_threshold_of_the_site_unless_told_otherwise():
    logo = of("logo", marked(slice(50, 100), (slice(10, 30), slice(120, 150))))
    counts = []
    for at in ("0.01", "0.5"):
        ran = run(original(), logo, "--interval", "cosine", "--json", COMPARISON_INTERVAL_THRESHOLD=at)
        counts.append(sum(segment["op"] == "changed" for segment in json.loads(ran.stdout)["segments"]))
    assert counts == [1, 0]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("only-one.mp4",),
        ("a", "b", "--wrong"),
        ("missing.mp4", "missing.mp4"),
        ("a", "b", "--format", "docx"),
        ("a", "b", "--threshold", "0.7"),
        ("a", "b", "--threshold", "nan"),
    ],
)
def test_trouble_exits_2(arguments):
    ran = run(*arguments)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr
    assert "Traceback" not in ran.stderr


def test_what_is_no_video_is_said_plainly(tmp_path):
    (tmp_path / "text.mp4").write_text("no video")
    ran = run(original(), tmp_path / "text.mp4")
    assert ran.returncode == 2
    assert ran.stderr == "This file is no video that Sage can read. Try exporting it again as MP4.\n"


def test_a_closed_pipe_is_no_trouble():
    line = f"'{sys.executable}' manage.py compare '{original()}' '{longer()}' | true"
    ran = subprocess.run(["sh", "-c", line], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stderr == ""


@pytest.mark.parametrize(
    ("seconds", "hours", "shown"),
    [(0, False, "0:00.000"), (65.4321, False, "1:05.432"), (59.9999, False, "1:00.000"), (3725.5, True, "1:02:05.500")],
)
def test_times_read_as_a_clock(seconds, hours, shown):
    assert clock(seconds, hours) == shown


def test_two_versions_differ_in_the_ways_they_say(tmp_path):
    a, b = footage.two_versions(tmp_path)
    told = json.loads(run(a, b, "--json").stdout)
    assert {segment["op"] for segment in told["segments"]} == {"equal", "changed", "inserted", "deleted", "moved"}
