"""The lines of a transcript on the page of its video."""

import re

import pytest

from tests.chat.talk import add_transcript
from videos.models import Cue, Video

pytestmark = pytest.mark.django_db
MAX_BYTES = 200  # of a line without its text, of which a page has thousands


@pytest.fixture
def video(alice):
    return Video.objects.create(owner=alice, title="Harbour", duration=9_000.0, status=Video.Status.READY)


def read_lines(client, video):
    page = client.get(f"/videos/{video.pk}/?panel=transcript").content.decode()
    return re.findall(r'<li id="cue-.*?</li>', page, re.DOTALL)


def test_a_line_can_be_read_played_and_edited_without_scripts(alice_client, video):
    add_transcript(video, ["<b>Quiet</b>", "The harbour opens."], seconds=75.0)
    cue = Cue.objects.get(start=75)

    lines = read_lines(alice_client, video)

    assert f'<a href="?t=75.00"><time>1:15</time> <span>{cue.text}</span></a>' in lines[1]
    assert "&lt;b&gt;Quiet&lt;/b&gt;" in lines[0]
    link = re.search(r'class="edit" href="(.*?)" title="Edit 1:15"', lines[1])[1]
    assert alice_client.get(f"/videos/{video.pk}/{link}").context["cue"] == cue


def test_a_line_is_short(alice_client, video):
    add_transcript(video, ["x"] * 1_000, seconds=8.5)

    assert max(map(len, read_lines(alice_client, video))) <= MAX_BYTES
