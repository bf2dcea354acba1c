"""Reviews of differences, by the API and by the form of the page."""

import pytest

from tests import long_script
from videos.comparisons.reviews import marking
from videos.comparisons.reviews.annotations import annotate_script, load_annotations
from videos.models import Comparison, DifferenceReview, Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def long_comparison(alice, alice_pair):
    a, b = alice_pair
    created = Comparison.objects.create(owner=alice, video_a=a, video_b=b, script=long_script.build_script(40))
    Job.objects.create(comparison=created, kind=Job.Kind.COMPARE, status=Job.Status.COMPLETED)
    return created


def review(client, comparison, index=0, review="to_fix"):
    path = f"/v2/comparisons/{comparison.pk}/differences/{index}"
    return client.patch(path, {"review": review}, content_type="application/json")


def list_reviews(client, comparison):
    segments = client.get(f"/v2/comparisons/{comparison.pk}").json()["segments"]
    return [segment["review"] for segment in segments if segment["op"] != "equal"]


def test_a_review_is_stored_returned_and_removed(alice_client, alice_comparison):
    answer = review(alice_client, alice_comparison)
    again = review(alice_client, alice_comparison, review="expected")

    assert (answer.status_code, answer.json()) == (200, {"index": 0, "review": "to_fix", "note_count": 0})
    assert again.json()["review"] == "expected"
    assert list_reviews(alice_client, alice_comparison) == ["expected"]
    assert DifferenceReview.objects.count() == 1
    assert review(alice_client, alice_comparison, review=None).json()["review"] is None
    assert list_reviews(alice_client, alice_comparison) == [None]


def test_a_review_stays_with_its_difference_at_another_threshold(alice_client, long_comparison):
    differing = [row for row in long_comparison.script_at(None)["segments"] if row["op"] != "equal"]
    index = next(place for place, row in enumerate(differing) if row["op"] == "changed")
    review(alice_client, long_comparison, index)

    Comparison.objects.filter(pk=long_comparison.pk).update(threshold=0.02)
    long_comparison.refresh_from_db()
    shown = annotate_script(long_comparison.script_at(None), load_annotations([long_comparison.pk])[long_comparison.pk])
    reviewed = [row for row in shown["segments"] if row["review"]]

    assert sum(row["op"] != "equal" for row in shown["segments"]) > len(differing)
    assert [(row["a"], row["b"]) for row in reviewed] == [(differing[index]["a"], differing[index]["b"])]


def test_the_index_counts_at_the_calibrated_threshold(alice_client, long_comparison):
    Comparison.objects.filter(pk=long_comparison.pk).update(threshold=0.5)
    differing = [row for row in long_comparison.script_at(None)["segments"] if row["op"] != "equal"]

    assert review(alice_client, long_comparison, len(differing) - 1).status_code == 200
    assert review(alice_client, long_comparison, len(differing)).status_code == 404
    (stored,) = DifferenceReview.objects.all()
    assert stored.spans == (differing[-1]["a"], differing[-1]["b"])


def test_a_new_script_keeps_the_review_of_a_difference_that_moved_a_little(alice_client, alice_comparison):
    review(alice_client, alice_comparison)
    script = alice_comparison.script
    (inserted,) = (row for row in script["segments"] if row["op"] == "inserted")
    inserted["b"] = [inserted["b"][0] + 0.04, inserted["b"][1] + 0.04]
    Comparison.objects.filter(pk=alice_comparison.pk).update(script=script)

    assert list_reviews(alice_client, alice_comparison) == ["to_fix"]
    assert review(alice_client, alice_comparison, review="expected").status_code == 200
    assert DifferenceReview.objects.count() == 1


def test_a_script_that_was_computed_again_meanwhile_is_409(alice_client, alice_comparison, monkeypatch):
    loaded = Comparison.objects.with_videos().get(pk=alice_comparison.pk)
    script = {**alice_comparison.script, "segments": alice_comparison.script["segments"][:1]}
    Comparison.objects.filter(pk=alice_comparison.pk).update(script=script)

    with pytest.raises(marking.Conflict, match="computed again"):
        marking.review_difference(loaded, 0, "to_fix")
    Job.objects.filter(comparison=alice_comparison).update(status=Job.Status.IN_PROGRESS)
    assert review(alice_client, alice_comparison).status_code == 409
    assert not DifferenceReview.objects.exists()


@pytest.mark.parametrize("body", [{}, {"review": "later"}, {"review": ""}, {"review": "to_fix", "why": "x"}])
def test_an_invalid_review_is_422(alice_client, alice_comparison, body):
    path = f"/v2/comparisons/{alice_comparison.pk}/differences/0"

    assert alice_client.patch(path, body, content_type="application/json").status_code == 422


@pytest.mark.parametrize("remake", ["threshold", "run"])
def test_a_review_of_differences_that_have_changed_is_refused(alice_client, alice_comparison, remake):
    path = f"/v2/comparisons/{alice_comparison.pk}"
    tag = alice_client.get(path)["ETag"]

    def send(**headers):
        return alice_client.patch(
            f"{path}/differences/0", {"review": "to_fix"}, content_type="application/json", headers=headers
        ).status_code

    assert [send(**{"If-Match": tag}), send(**{"If-Match": "*"}), send(**{"If-Match": f'"x", W/{tag}'})] == [
        200,
        200,
        200,
    ]
    if remake == "threshold":
        changed = alice_client.patch(path, {"threshold": 0.4}, content_type="application/json")
    else:
        alice_comparison.script["segments"][0]["op"] = "changed"
        alice_comparison.save()
        changed = alice_client.get(path)

    assert send(**{"If-Match": tag}) == 409
    assert send(**{"If-Match": "what is no tag"}) == 409
    assert send() == 200
    assert send(**{"If-Match": changed["ETag"]}) == 200


def test_a_stranger_gets_404(bob_client, alice_comparison):
    path = f"/compare/{alice_comparison.pk}/differences/0/"

    assert review(bob_client, alice_comparison).status_code == 404
    assert bob_client.post(path, {"review": "to_fix"}).status_code == 404
    assert not DifferenceReview.objects.exists()


def test_the_form_of_the_page_marks_a_difference(alice_client, alice_comparison, inserted_index):
    path = f"/compare/{alice_comparison.pk}/differences/{inserted_index}/"
    starts = marking.format_times(alice_comparison.script["segments"][inserted_index])

    answer = alice_client.post(path + "?review=to_fix", {"review": "to_fix", "starts": starts})
    page = alice_client.get(f"/compare/{alice_comparison.pk}/").content.decode()

    assert answer["Location"] == f"/compare/{alice_comparison.pk}/?review=to_fix#difference-{inserted_index}"
    assert f'id="difference-{inserted_index}" data-review="to_fix"' in page
    stale = alice_client.post(
        path, {"review": "expected", "starts": "9.000/9.000"}, headers={"Accept": "application/json"}
    )
    assert stale.status_code == 409
    assert DifferenceReview.objects.get().review == "to_fix"


@pytest.mark.parametrize(("name", "count"), [("", 1), ("to_fix", 1), ("expected", 0), ("none", 0), ("upside", 1)])
def test_the_list_filters_by_review(alice_client, alice_comparison, name, count):
    review(alice_client, alice_comparison)

    context = alice_client.get(f"/compare/{alice_comparison.pk}/", {"review": name}).context

    assert len(context["differences"].object_list) == count
    assert [each.count for each in context["review_filters"]] == [1, 1, 0, 0]


def test_only_the_owner_sees_reviews(client, alice_client, alice_comparison):
    from videos.comparisons import sharing

    review(alice_client, alice_comparison)
    link = sharing.build_share_path(sharing.share_comparison(alice_comparison))
    client.logout()

    page = client.get(link).content.decode()

    assert 'data-review="to_fix"' not in page
    assert "review-filter" not in page
