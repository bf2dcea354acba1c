"""The tab of the quality check: its list, its CSV file, and the technical properties that differ."""

import csv
import io

import pytest

from videos.comparisons.quality.checklist import COLUMNS
from videos.models import Comparison, Video

pytestmark = pytest.mark.django_db
FAULTS = {
    "a": [{"kind": "black", "start": 0.0, "end": 0.4, "frames": 10}],
    "b": [{"kind": "stray_frames", "start": 0.2, "end": 0.28, "frames": 2}],
}
ONE_FRAME = {
    "op": "deleted",
    "a": [0.4, 0.44],
    "b": None,
    "distance": None,
    "severity": "low",
    "regions": [],
}


@pytest.fixture
def checked(alice_comparison) -> Comparison:
    """Give a comparison a fault on each side and a frame that B lacks. A starts at the timecode 01:00:00:00."""
    Video.objects.filter(pk__in=[alice_comparison.video_a_id, alice_comparison.video_b_id]).update(frame_rate=25.0)
    first = Video.objects.get(pk=alice_comparison.video_a_id)
    first.metadata["timecode"] = "01:00:00:00"
    first.save()
    script = alice_comparison.script
    script["picture_faults"] = FAULTS
    script["segments"].append(ONE_FRAME)
    Comparison.objects.filter(pk=alice_comparison.pk).update(script=script)
    return alice_comparison


def test_the_tab_lists_faults_and_single_frames_by_timecode(alice_client, checked):
    page = alice_client.get(f"/compare/{checked.pk}/?panel=quality").content.decode()

    panel = page[page.index('id="panel-quality"') :]
    assert "<b>Black</b>" in panel and "A 01:00:00:00" in panel
    assert "<b>Stray frames</b>" in panel and "B 00:00:00:05" in panel
    assert "<b>Frame only in A</b>" in panel and "A 01:00:00:10" in panel
    assert 'QC<small class="num">3</small>' in page


def test_the_list_is_a_csv_file(alice_client, checked):
    answer = alice_client.get(f"/compare/{checked.pk}/quality.csv")

    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert tuple(rows[0]) == COLUMNS
    assert [row[1:4] for row in rows[1:]] == [["A", "black", "10"], ["B", "stray_frames", "2"], ["A", "deleted", "1"]]
    assert rows[1][4:] == ["0.0", "0.4", "01:00:00:00", "01:00:00:10"]


def test_an_older_comparison_says_how_to_get_the_list(alice_client, alice_comparison):
    script = alice_comparison.script
    script.pop("picture_faults", None)
    Comparison.objects.filter(pk=alice_comparison.pk).update(script=script)

    page = alice_client.get(f"/compare/{alice_comparison.pk}/?panel=quality").content.decode()

    assert "Compare the videos again to get one." in page


def test_strangers_get_no_list(bob_client, checked):
    assert bob_client.get(f"/compare/{checked.pk}/quality.csv").status_code == 404


def test_properties_that_differ_are_on_the_page_in_the_report_and_in_the_api(alice_client, checked):
    in_a = {"name": "timecode", "a": "01:00:00:00", "b": "not set"}

    assert in_a in alice_client.get(f"/v2/comparisons/{checked.pk}").json()["facts"]
    assert "Start timecode" in alice_client.get(f"/compare/{checked.pk}/?panel=quality").content.decode()
    assert "Start timecode" in alice_client.get(f"/compare/{checked.pk}/report/").content.decode()
    assert "| Start timecode | 01:00:00:00 | not set |" in (
        alice_client.get(f"/compare/{checked.pk}/export/?format=md").content.decode()
    )
    assert in_a in alice_client.get(f"/compare/{checked.pk}/export/?format=json").json()["facts"]
