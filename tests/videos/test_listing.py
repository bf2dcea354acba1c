import pytest

from videos import comparison, listing
from videos.models import Comparison, Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(alice):
    return Comparison.objects.with_sides().with_figures()


def told(rows):
    return [(line.similarity_percent, line.differing_segments) for line in listing.lines(rows)]


def test_a_line_tells_what_the_comparison_shows(alices_comparison, rows):
    shown = alices_comparison.shown

    assert told(rows) == [(shown["similarity_percent"], shown["differing_segments"])]


def test_a_threshold_of_its_owners_counts(alices_comparison, rows):
    alices_comparison.script["segments"][0].update(op="equal", distance=0.4)
    alices_comparison.save()
    before = told(rows)
    comparison.set_threshold(alices_comparison, 0.3)

    shown = Comparison.objects.get().shown
    assert told(rows.all()) == [(shown["similarity_percent"], shown["differing_segments"])] != before


def test_one_that_is_not_finished_has_no_figures(alices_comparison, rows):
    Comparison.objects.update(script=None, threshold=0.2)
    Job.objects.update(status=Job.Status.PENDING)

    assert told(rows) == [(None, 0)]


def test_scripts_are_asked_for_only_where_a_threshold_was_moved(
    alice, alices_comparison, rows, django_assert_num_queries
):
    sides = {"video_a": alices_comparison.video_a, "video_b": alices_comparison.video_b}
    for _ in range(5):
        made = Comparison.objects.create(owner=alice, script=alices_comparison.script, **sides)
        Job.objects.create(comparison=made, kind=Job.Kind.COMPARE, status=Job.Status.COMPLETED)

    with django_assert_num_queries(1):
        listing.lines(rows)
    Comparison.objects.update(threshold=0.2)
    with django_assert_num_queries(2):
        listing.lines(rows.all())
