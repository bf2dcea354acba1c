import csv
import io
import json

import pytest

from videos.comparisons import export, requests
from videos.models import Job, Video

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", export.FORMATS)
def test_each_format_is_a_file_from_the_api_and_from_the_page(alice_client, alice_comparison, kind):
    for path in (f"/v2/comparisons/{alice_comparison.pk}/export", f"/compare/{alice_comparison.pk}/export/"):
        answer = alice_client.get(path, {"format": kind}, headers={"Accept": "text/csv"})

        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"] == f'attachment; filename="clip and longer.{kind}"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.content


def test_an_export_uses_the_saved_threshold(alice_client, alice_comparison):
    requests.set_threshold(alice_comparison, 0.01)
    here = f"/v2/comparisons/{alice_comparison.pk}"
    shown = alice_client.get(here).json()

    exported = json.loads(alice_client.get(f"{here}/export?format=json").content)
    rows = list(csv.DictReader(io.StringIO(alice_client.get(f"{here}/export?format=csv").content.decode())))

    assert [segment["op"] for segment in exported["segments"]] == [segment["op"] for segment in shown["segments"]]
    assert len(rows) in {len(shown["segments"]), shown["differing_segments"]}


def test_the_page_exports_at_the_requested_threshold(alice_client, alice_comparison):
    requests.set_threshold(alice_comparison, 0.2)

    def used(threshold):
        query = {"format": "json", "threshold": threshold}
        return json.loads(alice_client.get(f"/compare/{alice_comparison.pk}/export/", query).content)["threshold_used"]

    assert [used(threshold) for threshold in ("0.3", "", "7", "nan")] == [0.3, 0.2, 0.2, 0.2]


@pytest.mark.parametrize("kind", ["", "pdf", "JSON", "../json", "json\x00"])
def test_an_unknown_format_is_400_and_lists_the_formats(alice_client, alice_comparison, kind):
    answer = alice_client.get(f"/v2/comparisons/{alice_comparison.pk}/export", {"format": kind})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_REQUEST")
    assert "json, csv, md, edl, otio, srt, vtt" in answer.json()["error"]["message"]
    assert alice_client.get(f"/compare/{alice_comparison.pk}/export/", {"format": kind}).status_code == 400


def test_an_unfinished_comparison_is_409(alice_client, alice_comparison):
    Job.objects.filter(kind=Job.Kind.COMPARE).update(status=Job.Status.CANCELLED)

    answer = alice_client.get(f"/v2/comparisons/{alice_comparison.pk}/export?format=json")

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")
    assert alice_client.get(f"/compare/{alice_comparison.pk}/report/").status_code == 409


def test_a_malicious_title_gives_a_safe_file_name(alice_client, alice_comparison):
    Video.objects.update(title='../../"; rm -rf ~\r\nX-Evil: 1 <b>🎬')

    answer = alice_client.get(f"/compare/{alice_comparison.pk}/export/?format=csv")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="rm -rf X-Evil 1 b and rm -rf X-Evil 1 b.csv"'
    assert "X-Evil" not in answer.headers


def test_another_user_or_visitor_cannot_export(bob_client, client, alice_comparison):
    client.logout()
    for path in (f"/compare/{alice_comparison.pk}/export/?format=csv", f"/compare/{alice_comparison.pk}/report/"):
        assert bob_client.get(path).status_code == 404
        assert client.get(path).status_code == 404
    assert bob_client.get(f"/v2/comparisons/{alice_comparison.pk}/export?format=csv").status_code == 404
    assert client.get(f"/v2/comparisons/{alice_comparison.pk}/export?format=csv").status_code == 401


# --- Forms: threshold, options and delete ---


def test_the_form_saves_a_threshold_and_redirects(alice_client, alice_comparison):
    here = f"/compare/{alice_comparison.pk}/"

    assert alice_client.post(f"{here}threshold/", {"threshold": "0.25"}).url == here
    alice_comparison.refresh_from_db()
    assert alice_comparison.threshold == 0.25
    alice_client.post(f"{here}threshold/", {"threshold": ["0.25", ""]})  # the slider and the reset button
    alice_comparison.refresh_from_db()
    assert alice_comparison.threshold is None


@pytest.mark.parametrize("value", ["0.6", "0", "nan", "inf", "low", "1e-400"])
def test_an_invalid_threshold_shows_an_error(alice_client, alice_comparison, value):
    page = alice_client.post(f"/compare/{alice_comparison.pk}/threshold/", {"threshold": value}, follow=True)

    assert "Enter a threshold from 0.01 to 0.5" in page.content.decode()
    alice_comparison.refresh_from_db()
    assert alice_comparison.threshold is None


def test_the_options_of_the_form_are_used(alice_client, alice_pair):
    from videos.models import Comparison

    a, b = alice_pair
    choice = {"a": a.pk, "b": b.pk, "mode": "interval", "metric": "euclidean", "threshold": "0.2"}

    alice_client.post("/compare/", choice)

    created = Comparison.objects.get()
    assert (created.mode, created.metric, created.threshold) == ("interval", "euclidean", 0.2)


@pytest.mark.parametrize("option", [{"mode": "exact"}, {"metric": "manhattan"}, {"threshold": "7"}])
def test_an_invalid_option_opens_the_options(alice_client, alice_pair, option):
    a, b = alice_pair

    answer = alice_client.post("/compare/", {"a": a.pk, "b": b.pk, **option})

    assert answer.status_code == 422
    assert '<details class="options" open>' in answer.content.decode()


def test_a_comparison_is_deleted_from_the_list(alice_client, alice_comparison):
    assert f"/compare/{alice_comparison.pk}/delete/" in alice_client.get("/compare/").content.decode()

    answer = alice_client.post(f"/compare/{alice_comparison.pk}/delete/", follow=True)

    assert "Your videos are kept" in answer.content.decode()
    assert str(alice_comparison.pk) not in answer.content.decode()
    assert Video.objects.count() == 2
