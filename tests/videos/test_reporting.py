import pytest

from accounts.viewer import Viewer
from sage import errors
from videos import comparison, reporting, worker
from videos.addresses import OwnAddresses
from videos.models import Comparison

pytestmark = pytest.mark.django_db


def test_it_tells_both_videos_and_shows_each_difference(alices, alices_comparison, inserted):
    page = alices.get(f"/compare/{alices_comparison.pk}/report/").content.decode()

    picture = f"picture-{inserted}-b.jpg"
    for words in ("1 difference", "160 × 90", "Inserted, 1.0 s", "not in A", picture, "B is 1.0 s longer"):
        assert words in page, words
    assert page.count('class="bar inserted"') == 1


def test_it_is_cut_at_the_threshold_that_is_asked_for(alices, alices_comparison):
    here = f"/compare/{alices_comparison.pk}/report/"

    page = alices.get(here, {"threshold": "0.3"}).content.decode()

    assert "0.30 or more apart." in " ".join(page.split())
    assert f'href="/compare/{alices_comparison.pk}/?threshold=0.3"' in page
    assert "as found from the videos" in alices.get(here, {"threshold": "7"}).content.decode()


def test_what_is_true_throughout_is_told_as_it_is(alices, alices_comparison):
    cropped = {"kind": "crop", "value": {"side": "b", "x": 0, "y": 0, "width": 0.5, "height": 0.5}}
    script = {**alices_comparison.script, "transforms": [cropped, {"kind": "mirror", "value": "horizontal"}]}
    script |= {"segments": script["segments"][:1], "differing_segments": 0}
    Comparison.objects.update(script=script)

    page = alices.get(f"/compare/{alices_comparison.pk}/report/").content.decode()

    assert "Throughout: A is cropped to 50 %, Mirrored." in page
    assert "Nothing else differs." in page
    assert "same pictures" not in page


def test_a_long_one_says_what_it_leaves_out(alices, alices_comparison, monkeypatch):
    monkeypatch.setattr(reporting, "MOST_DIFFERENCES", 0)

    page = alices.get(f"/compare/{alices_comparison.pk}/report/").content.decode()

    assert "1 more are left out" in page


def test_intervals_have_stills_of_both_sides(alice, alices_pair):
    made = comparison.compare(Viewer(alice), *alices_pair, mode="interval", threshold=0.01)
    worker.run(made.job.pk)
    made.refresh_from_db()

    told = reporting.report(made, OwnAddresses(made))

    assert told["differences"]
    for difference in told["differences"]:
        sides = [difference.still_a, difference.still_b]
        assert all(sides) or difference.op in ("inserted", "deleted")
        assert all("still-" in still.url for still in sides if still)


def test_there_is_none_of_one_that_is_not_finished(alice, alices_pair):
    made = comparison.compare(Viewer(alice), *alices_pair)

    with pytest.raises(errors.Conflict, match="not finished"):
        reporting.report(made, OwnAddresses(made))
