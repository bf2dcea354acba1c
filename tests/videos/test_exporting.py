import csv
import io
import json

import pytest

from videos import comparison, exporting
from videos.models import Job, Video

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", exporting.FORMATS)
def test_each_format_is_a_file_from_the_api_and_from_the_page(alices, alices_comparison, kind):
    for path in (f"/v2/comparisons/{alices_comparison.pk}/export", f"/compare/{alices_comparison.pk}/export/"):
        answer = alices.get(path, {"format": kind}, headers={"Accept": "text/csv"})

        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"] == f'attachment; filename="clip and longer.{kind}"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.content


def test_it_is_cut_at_the_owners_threshold(alices, alices_comparison):
    comparison.set_threshold(alices_comparison, 0.01)
    here = f"/v2/comparisons/{alices_comparison.pk}"
    shown = alices.get(here).json()

    told = json.loads(alices.get(f"{here}/export?format=json").content)
    rows = list(csv.DictReader(io.StringIO(alices.get(f"{here}/export?format=csv").content.decode())))

    assert [segment["op"] for segment in told["segments"]] == [segment["op"] for segment in shown["segments"]]
    assert len(rows) in {len(shown["segments"]), shown["differing_segments"]}


def test_the_page_exports_at_the_threshold_it_asks_for(alices, alices_comparison):
    comparison.set_threshold(alices_comparison, 0.2)

    def used(threshold):
        query = {"format": "json", "threshold": threshold}
        return json.loads(alices.get(f"/compare/{alices_comparison.pk}/export/", query).content)["threshold_used"]

    assert [used(threshold) for threshold in ("0.3", "", "7", "nan")] == [0.3, 0.2, 0.2, 0.2]


@pytest.mark.parametrize("kind", ["", "pdf", "JSON", "../json", "json\x00"])
def test_an_unknown_format_is_400_with_those_there_are(alices, alices_comparison, kind):
    answer = alices.get(f"/v2/comparisons/{alices_comparison.pk}/export", {"format": kind})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_REQUEST")
    assert "json, csv, md, edl, otio, srt, vtt" in answer.json()["error"]["message"]
    assert alices.get(f"/compare/{alices_comparison.pk}/export/", {"format": kind}).status_code == 400


def test_what_is_not_finished_is_409(alices, alices_comparison):
    Job.objects.filter(kind=Job.Kind.COMPARE).update(status=Job.Status.CANCELLED)

    answer = alices.get(f"/v2/comparisons/{alices_comparison.pk}/export?format=json")

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")
    assert alices.get(f"/compare/{alices_comparison.pk}/report/").status_code == 409


def test_a_hostile_title_makes_a_harmless_name(alices, alices_comparison):
    Video.objects.update(title='../../"; rm -rf ~\r\nX-Evil: 1 <b>🎬')

    answer = alices.get(f"/compare/{alices_comparison.pk}/export/?format=csv")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="rm -rf X-Evil 1 b and rm -rf X-Evil 1 b.csv"'
    assert "X-Evil" not in answer.headers


def test_strangers_get_nothing(bobs, client, alices_comparison):
    client.logout()
    for path in (f"/compare/{alices_comparison.pk}/export/?format=csv", f"/compare/{alices_comparison.pk}/report/"):
        assert bobs.get(path).status_code == 404
        assert client.get(path).status_code == 404
    assert bobs.get(f"/v2/comparisons/{alices_comparison.pk}/export?format=csv").status_code == 404
    assert client.get(f"/v2/comparisons/{alices_comparison.pk}/export?format=csv").status_code == 401


# --- Threshold, options and delete, by forms ---


def test_the_form_keeps_a_threshold_and_goes_back(alices, alices_comparison):
    here = f"/compare/{alices_comparison.pk}/"

    assert alices.post(f"{here}threshold/", {"threshold": "0.25"}).url == here
    alices_comparison.refresh_from_db()
    assert alices_comparison.threshold == 0.25
    alices.post(f"{here}threshold/", {"threshold": ["0.25", ""]})  # the slider, then the button that resets it
    alices_comparison.refresh_from_db()
    assert alices_comparison.threshold is None


@pytest.mark.parametrize("value", ["0.6", "0", "nan", "inf", "low", "1e-400"])
def test_a_threshold_that_makes_no_sense_is_explained(alices, alices_comparison, value):
    page = alices.post(f"/compare/{alices_comparison.pk}/threshold/", {"threshold": value}, follow=True)

    assert "Give a threshold from 0.01 to 0.5" in page.content.decode()
    alices_comparison.refresh_from_db()
    assert alices_comparison.threshold is None


def test_options_are_taken_from_the_form(alices, alices_pair):
    from videos.models import Comparison

    a, b = alices_pair
    choice = {"a": a.pk, "b": b.pk, "mode": "interval", "metric": "euclidean", "threshold": "0.2"}

    alices.post("/compare/", choice)

    made = Comparison.objects.get()
    assert (made.mode, made.metric, made.threshold) == ("interval", "euclidean", 0.2)


@pytest.mark.parametrize("wrong", [{"mode": "exact"}, {"metric": "manhattan"}, {"threshold": "7"}])
def test_a_wrong_option_is_explained_where_it_can_be_seen(alices, alices_pair, wrong):
    a, b = alices_pair

    answer = alices.post("/compare/", {"a": a.pk, "b": b.pk, **wrong})

    assert answer.status_code == 422
    assert '<details class="options" open>' in answer.content.decode()


def test_a_comparison_is_deleted_from_the_list(alices, alices_comparison):
    assert f"/compare/{alices_comparison.pk}/delete/" in alices.get("/compare/").content.decode()

    answer = alices.post(f"/compare/{alices_comparison.pk}/delete/", follow=True)

    assert "Both videos are kept" in answer.content.decode()
    assert str(alices_comparison.pk) not in answer.content.decode()
    assert Video.objects.count() == 2
