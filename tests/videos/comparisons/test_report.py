import pytest

from accounts.viewer import Viewer
from sage import errors
from sage.jobs import worker
from videos.comparisons import report, requests
from videos.comparisons.media_urls import OwnerMediaUrls
from videos.models import Comparison, Job

pytestmark = pytest.mark.django_db


def test_the_report_shows_both_videos_and_each_difference(alice_client, alice_comparison, inserted_index):
    page = alice_client.get(f"/compare/{alice_comparison.pk}/report/").content.decode()

    picture = f"picture-{inserted_index}-b.jpg"
    for words in ("1 difference", "160 × 90", "New shot, 1.0 s", "Not in A", picture, "B is 1.0 s longer"):
        assert words in page, words
    assert page.count('class="bar inserted"') == 1


def test_the_report_uses_the_requested_threshold(alice_client, alice_comparison):
    path = f"/compare/{alice_comparison.pk}/report/"

    page = alice_client.get(path, {"threshold": "0.3"}).content.decode()

    assert "0.30 or more count as changed." in " ".join(page.split())
    assert f'href="/compare/{alice_comparison.pk}/?threshold=0.3"' in page
    assert "automatic sensitivity" in alice_client.get(path, {"threshold": "7"}).content.decode()


def test_transforms_are_described_without_further_differences(alice_client, alice_comparison):
    cropped = {"kind": "crop", "value": {"side": "b", "x": 0, "y": 0, "width": 0.5, "height": 0.5}}
    script = {**alice_comparison.script, "transforms": [cropped, {"kind": "mirror", "value": "horizontal"}]}
    script |= {"segments": script["segments"][:1], "differing_segments": 0}
    Comparison.objects.update(script=script)

    page = alice_client.get(f"/compare/{alice_comparison.pk}/report/").content.decode()

    assert "Throughout: A is cropped to 50 %, Mirrored." in page
    assert "Nothing else differs." in page
    assert "look the same" not in page


def test_a_long_report_states_how_many_differences_it_omits(alice_client, alice_comparison, monkeypatch):
    monkeypatch.setattr(report, "MAX_DIFFERENCES", 0)

    page = alice_client.get(f"/compare/{alice_comparison.pk}/report/").content.decode()

    assert "1 more difference not shown" in page


def test_intervals_have_stills_of_both_sides(alice, alice_pair):
    created = requests.create_comparison(Viewer(alice), *alice_pair, mode="interval", threshold=0.01)
    worker.run(Job, created.job.pk)
    created.refresh_from_db()

    data = report.build_report(created, OwnerMediaUrls(created))

    assert data["differences"]
    for difference in data["differences"]:
        sides = [difference.still_a, difference.still_b]
        assert all(sides) or difference.op in ("inserted", "deleted")
        assert all("still-" in still.url for still in sides if still)


def test_an_unfinished_comparison_has_no_report(alice, alice_pair):
    created = requests.create_comparison(Viewer(alice), *alice_pair)

    with pytest.raises(errors.Conflict, match="not complete"):
        report.build_report(created, OwnerMediaUrls(created))
