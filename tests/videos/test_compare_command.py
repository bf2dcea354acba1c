import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import opentimelineio as otio
import pytest

from tests import footage
from tests.videos.diff.edits import film, marked, original, other_footage, render_clip, splice
from videos.management.commands.compare import Command, format_clock

ROOT = Path(__file__).parents[2]


class Result(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def run(*arguments: object) -> Result:
    """Run the command in this process."""
    output, errors, status = io.StringIO(), io.StringIO(), 0
    with redirect_stdout(output), redirect_stderr(errors):
        try:
            Command().run_from_argv(["manage.py", "compare", *map(str, arguments)])
        except SystemExit as ended:
            status = int(ended.code or 0)
    return Result(status, output.getvalue(), errors.getvalue())


def run_process(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, without a database or a server."""
    unavailable = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1"}
    command = [sys.executable, "manage.py", "compare", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=os.environ | unavailable, capture_output=True, text=True, check=False)


def longer() -> Path:
    return render_clip(splice(film()[:70], other_footage(30), film()[70:]))


def test_the_same_video_exits_0():
    ran = run_process(original(), original())
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "100 % same, 0 differences." in ran.stdout


def test_a_difference_exits_1_and_is_shown():
    ran = run_process(original(), longer())
    assert (ran.returncode, ran.stderr) == (1, "")
    line = next(line for line in ran.stdout.splitlines() if line.startswith("inserted"))
    assert line.split() == ["inserted", "-", "0:02.800", "-", "0:04.000", "high"]


def test_columns_are_aligned():
    lines = run(original(), longer()).stdout.splitlines()
    assert len({line.index("0:0") for line in lines[1:4:2]}) == 1


def test_json_is_one_object():
    ran = run(original(), longer(), "--json", "--no-regions")
    result = json.loads(ran.stdout)
    assert set(result) == {"duration_a", "duration_b", "transforms", "segments"}
    assert [segment["op"] for segment in result["segments"]] == ["equal", "inserted", "equal"]
    keys = {"op", "a", "b", "distance", "severity", "kind", "confidence", "regions", "review", "note_count"}
    assert set(result["segments"][0]) == keys


def test_an_edl_can_be_opened_again():
    ran = run(original(), longer(), "--format", "edl", "--no-regions")
    timeline = otio.adapters.read_from_string(ran.stdout, "cmx_3600", rate=25)
    assert [clip.metadata["cmx_3600"]["reel"] for clip in timeline.tracks[0]] == ["A", "B", "A"]


def test_intervals_are_compared_at_the_same_times():
    result = json.loads(run(original(), longer(), "--interval", "cosine", "--format", "json").stdout)
    assert (result["mode"], result["metric"]) == ("interval", "cosine")
    assert [segment["op"] for segment in result["segments"]][-1] == "inserted"


def test_a_threshold_decides_what_is_changed():
    logo = render_clip(marked(slice(50, 100), (slice(10, 30), slice(120, 150))))
    counts = []
    for at in ("0.01", "0.5"):
        ran = run(original(), logo, "--interval", "cosine", "--json", "--threshold", at)
        counts.append(sum(segment["op"] == "changed" for segment in json.loads(ran.stdout)["segments"]))
    assert counts == [1, 0]


def test_intervals_use_the_threshold_of_the_site_by_default(settings):
    logo = render_clip(marked(slice(50, 100), (slice(10, 30), slice(120, 150))))
    counts = []
    for at in (0.01, 0.5):
        settings.COMPARISON_INTERVAL_THRESHOLD = at
        ran = run(original(), logo, "--interval", "cosine", "--json")
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
def test_an_error_exits_2(arguments):
    ran = run(*arguments)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_file_that_is_not_a_video_is_reported(tmp_path):
    (tmp_path / "text.mp4").write_text("no video")
    ran = run_process(original(), tmp_path / "text.mp4")
    assert ran.returncode == 2
    assert ran.stderr == "Sage cannot read this file as a video. Export it again as MP4.\n"


def test_a_closed_pipe_is_no_error():
    line = f"'{sys.executable}' manage.py compare '{original()}' '{longer()}' | true"
    ran = subprocess.run(["sh", "-c", line], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stderr == ""


@pytest.mark.parametrize(
    ("seconds", "hours", "shown"),
    [(0, False, "0:00.000"), (65.4321, False, "1:05.432"), (59.9999, False, "1:00.000"), (3725.5, True, "1:02:05.500")],
)
def test_times_are_formatted_as_a_clock(seconds, hours, shown):
    assert format_clock(seconds, hours) == shown


def test_two_edited_versions_have_every_kind_of_difference(tmp_path):
    a, b = footage.two_versions(tmp_path)
    result = json.loads(run(a, b, "--json").stdout)
    assert {segment["op"] for segment in result["segments"]} == {"equal", "changed", "inserted", "deleted", "moved"}
