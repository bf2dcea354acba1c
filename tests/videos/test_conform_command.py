"""`manage.py conform A B FILE`."""

import json

import pytest
from django.core.management import CommandError, call_command

from tests import footage

SECONDS = 4.0  # of the opening that B lacks
SRT = "1\n00:00:01,000 --> 00:00:02,000\nGone\n\n2\n00:00:06,000 --> 00:00:08,000\nLater\n"


@pytest.fixture(scope="module")
def pair():
    """Return a film and the same film without its first 4 s."""
    frames = footage.pixels("bikes")
    rate = 25
    kept = frames[int(SECONDS * rate) :]
    return (
        str(footage.cached("conform-a", lambda path: footage.write(path, frames, rate))),
        str(footage.cached("conform-b", lambda path: footage.write(path, kept, rate))),
    )


@pytest.fixture
def captions(tmp_path):
    path = tmp_path / "captions.srt"
    path.write_text(SRT)
    return path


def test_the_file_is_written_with_times_of_b(pair, captions, capsys):
    call_command("conform", *pair, str(captions))

    written, counts = capsys.readouterr()
    assert written == "1\n00:00:02,000 --> 00:00:04,000\nLater\n"
    assert counts.strip() == "carried=1, moved=0, changed=0, dropped=1"


def test_the_report_and_another_format_can_be_written_to_a_file(pair, captions, tmp_path):
    output = tmp_path / "out"

    call_command("conform", *pair, str(captions), "--report", "--output", str(output))
    assert [item["state"] for item in json.loads(output.read_text())] == ["dropped", "carried"]

    call_command("conform", *pair, str(captions), "--to", "csv", "--output", str(output))
    assert output.read_text() == "time,end,text\n2.0,4.0,Later\n"


@pytest.mark.parametrize("content", [None, "", "nothing"])
def test_a_file_that_cannot_be_read_is_an_error(pair, captions, content):
    captions.unlink() if content is None else captions.write_text(content)

    with pytest.raises(CommandError) as caught:
        call_command("conform", *pair, str(captions))

    assert caught.value.returncode == 2


def test_a_file_that_is_no_video_is_an_error(pair, captions):
    with pytest.raises(CommandError, match="video"):
        call_command("conform", pair[0], str(captions), str(captions))
