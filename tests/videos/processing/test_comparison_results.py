"""A completed comparison of two versions carries the notes, from the job to the row."""

import pytest

from accounts.viewer import Viewer
from notes import writing
from notes.models import CarriedNote
from sage.jobs import worker
from videos.library import versions
from videos.models import Comparison, Job

pytestmark = pytest.mark.django_db


def test_the_notes_of_the_version_before_are_carried(alice, alice_pair):
    first, second = alice_pair
    versions.add_version(second, first)
    second.save()
    first.refresh_from_db()
    notes = [writing.create_note(Viewer(alice), first, writing.NewNote(seconds=at)) for at in (0.5, 1.5)]

    [comparison] = versions.compare_adjacent_versions(second)
    assert not CarriedNote.objects.exists()
    worker.run(Job, comparison.job.pk)

    assert Comparison.objects.get(pk=comparison.pk).is_completed
    rows = [CarriedNote.objects.get(note=note, video=second) for note in notes]
    assert [row.state for row in rows] == ["unchanged", "unchanged"]
    assert [row.seconds for row in rows] == [pytest.approx(0.5, abs=0.05), pytest.approx(2.5, abs=0.05)]
