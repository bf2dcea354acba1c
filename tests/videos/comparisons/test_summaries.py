import pytest

from videos.comparisons import requests, summaries
from videos.models import Comparison, Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(alice):
    return Comparison.objects.with_videos().with_summary()


def summarise(rows):
    return [(line.similarity_percent, line.differing_segments) for line in summaries.summarise_comparisons(rows)]


def test_a_summary_has_the_figures_of_the_comparison(alice_comparison, rows):
    shown = alice_comparison.shown_script

    assert summarise(rows) == [(shown["similarity_percent"], shown["differing_segments"])]


def test_a_saved_threshold_is_used(alice_comparison, rows):
    alice_comparison.script["segments"][0].update(op="equal", distance=0.4)
    alice_comparison.save()
    before = summarise(rows)
    requests.set_threshold(alice_comparison, 0.3)

    shown = Comparison.objects.get().shown_script
    assert summarise(rows.all()) == [(shown["similarity_percent"], shown["differing_segments"])] != before


def test_an_unfinished_comparison_has_no_figures(alice_comparison, rows):
    Comparison.objects.update(script=None, threshold=0.2)
    Job.objects.update(status=Job.Status.PENDING)

    assert summarise(rows) == [(None, 0)]


def test_scripts_are_loaded_only_for_saved_thresholds(alice, alice_comparison, rows, django_assert_num_queries):
    sides = {"video_a": alice_comparison.video_a, "video_b": alice_comparison.video_b}
    for _ in range(5):
        created = Comparison.objects.create(owner=alice, script=alice_comparison.script, **sides)
        Job.objects.create(comparison=created, kind=Job.Kind.COMPARE, status=Job.Status.COMPLETED)

    with django_assert_num_queries(1):
        summaries.summarise_comparisons(rows)
    Comparison.objects.update(threshold=0.2)
    with django_assert_num_queries(2):
        summaries.summarise_comparisons(rows.all())
