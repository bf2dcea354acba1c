"""Notes are carried to later versions along the edit script."""

import pytest

from accounts.viewer import Viewer
from notes import writing
from notes.carrying import carry
from notes.carrying.queries import describe_counts, list_carried_notes
from notes.exchange import imports
from notes.models import CarriedNote, Note
from sage.errors import InvalidInput
from tests.notes.carrying_rows import BOX, RECUT, SAME, compare, create_version
from videos.comparisons import requests
from videos.library import deletion, purge
from videos.models import Comparison

pytestmark = pytest.mark.django_db


@pytest.fixture
def first(alice):
    return create_version(alice, "cut 1", 60)


@pytest.fixture
def second(alice, first):
    return create_version(alice, "cut 2", 50, of=first)


@pytest.fixture
def compared(first, second):
    return compare(first, second, RECUT)


@pytest.fixture
def third(alice, second):
    return create_version(alice, "cut 3", 50, of=second)


def place_of(note, video):
    row = CarriedNote.objects.get(note=note, video=video)
    return row.state, row.seconds, row.end_seconds


@pytest.mark.parametrize(
    ("times", "place"),
    [
        ((5,), ("unchanged", 5, None)),
        ((10,), ("deleted", None, None)),
        ((20,), ("changed", 10, None)),
        ((35.5,), ("moved", 45.5, None)),
        ((40,), ("unchanged", 20, None)),
        ((60,), ("unchanged", 40, None)),
        ((5, 25), ("changed", 5, 15)),
        ((8, 12), ("unchanged", 8, 10)),
        ((12, 18), ("deleted", None, None)),
        ((28, 44), ("moved", 40, 50)),
        ((22, 44), ("changed", 12, 24)),
    ],
)
def test_a_note_gets_the_state_and_the_time_of_its_footage(make_note, first, second, compared, times, place):
    note = make_note(times[0], on=first, end_seconds=times[1] if times[1:] else None)

    carry.carry_compared_notes(compared)

    assert place_of(note, second) == place


def test_what_differs_is_stored(make_note, first, second, compared):
    note = make_note(25, on=first)

    row = CarriedNote.objects.get(note=note, video=second)
    assert (row.op, row.distance, row.regions, row.comparison) == ("changed", 0.12, [BOX], compared)


def test_a_note_written_before_the_comparison_is_carried_when_it_completes(alice, make_note, first, second):
    note = make_note(25, on=first)
    assert not CarriedNote.objects.exists()

    carry.carry_compared_notes(compare(first, second, RECUT))

    assert place_of(note, second) == ("changed", 10 + 5, None)


def test_a_note_written_after_the_comparison_is_carried_at_once(make_note, first, second, compared):
    assert place_of(make_note(40, on=first), second) == ("unchanged", 20, None)


def test_a_changed_time_is_carried_again(make_note, first, second, compared):
    note = make_note(40, on=first)

    writing.update_note(note, {"seconds": 35.0})

    assert place_of(note, second) == ("moved", 45, None)


def test_carrying_twice_changes_nothing(make_note, first, second, compared):
    notes = [make_note(seconds, on=first) for seconds in (5, 15, 25)]
    before = [place_of(note, second) for note in notes]

    carry.carry_compared_notes(compared)
    carry.carry_compared_notes(compared)

    assert [place_of(note, second) for note in notes] == before
    assert CarriedNote.objects.count() == 3


def test_a_note_is_carried_over_several_versions(make_note, first, second, third, compared):
    compare(second, third, SAME)
    changed, gone, early = (make_note(seconds, on=first) for seconds in (25, 15, 5))

    assert place_of(changed, third) == ("changed", 15, None)
    assert place_of(gone, third) == ("deleted", None, None)
    assert place_of(early, third) == ("unchanged", 5, None)


def test_versions_that_were_compared_in_reverse_order_are_carried_too(make_note, first, second, third):
    note = make_note(40, on=first)
    carry.carry_compared_notes(compare(second, third, SAME))
    carry.carry_compared_notes(compare(first, second, RECUT))

    assert place_of(note, third) == ("unchanged", 20, None)


def test_a_comparison_that_skips_a_version_carries_nothing(make_note, first, second, third):
    make_note(5, on=first)

    carry.carry_compared_notes(compare(first, third, RECUT))

    assert not CarriedNote.objects.exists()


def test_a_comparison_of_other_videos_carries_nothing(alice, make_note, first):
    other = create_version(alice, "other", 50)
    make_note(5, on=first)

    carry.carry_compared_notes(compare(first, other, RECUT))

    assert not CarriedNote.objects.exists()


def test_a_deleted_version_is_skipped(alice, make_note, first, second, third):
    deletion.delete_video(second)
    note = make_note(5, on=first)

    carry.carry_compared_notes(compare(first, third, RECUT))

    assert place_of(note, third) == ("unchanged", 5, None)


def test_another_threshold_changes_the_state(make_note, first, second, compared):
    note = make_note(25, on=first)

    requests.set_threshold(compared, 0.3)

    assert place_of(note, second) == ("unchanged", 15, None)


def test_a_note_placed_by_hand_stays_when_the_versions_are_compared_again(
    alice, make_note, first, second, third, compared
):
    compare(second, third, SAME)
    note = make_note(15, on=first, end_seconds=18)

    carry.place_note(Viewer(alice), note.pk, second, 33.25)
    carry.carry_compared_notes(compared)

    assert place_of(note, second) == ("moved", 33.25, 36.25)
    assert place_of(note, third) == ("moved", 33.25, 36.25)

    carry.unplace_note(Viewer(alice), note.pk, second)
    assert place_of(note, second) == place_of(note, third) == ("deleted", None, None)


def test_a_note_cannot_be_placed_after_the_end(alice, make_note, first, second, compared):
    note = make_note(15, on=first)

    with pytest.raises(InvalidInput, match="after the end"):
        carry.place_note(Viewer(alice), note.pk, second, 50.1)


def test_a_restored_note_is_still_carried(alice, make_note, first, second):
    note = make_note(25, on=first)
    writing.delete_note(note)
    carry.carry_compared_notes(compare(first, second, RECUT))
    assert list_carried_notes(Note.objects.owned_by(Viewer(alice)), second) == []

    writing.restore_note(Viewer(alice), note.pk)

    assert list_carried_notes(Note.objects.owned_by(Viewer(alice)), second) == [note]


def test_a_deleted_comparison_leaves_the_notes(make_note, first, second, compared):
    note = make_note(25, on=first)

    Comparison.all_objects.all().delete()

    assert place_of(note, second) == ("changed", 15, None)


def test_purging_the_old_version_keeps_the_carried_notes(alice, make_note, first, second, third, compared):
    compare(second, third, SAME)
    moved, cut = make_note(35, on=first), make_note(15, on=first)
    reply = make_note(text="Agreed.", seconds=None, on=first, reply_to=moved.pk)
    places = {place.note_id: place.seconds for place in CarriedNote.objects.filter(video=second)}

    purge.purge_video(first)

    for note in (moved, reply, cut):
        assert Note.objects.get(pk=note.pk).video == second
    moved.refresh_from_db()
    assert moved.seconds == places[moved.pk]
    assert CarriedNote.objects.filter(note=moved, video=third).exists()
    purge.purge_video(second)
    assert Note.objects.get(pk=moved.pk).video == third
    purge.purge_video(third)
    assert not Note.all_objects.exists()


def test_the_summary_counts_done_notes_once(alice, make_note, first, second, compared):
    for seconds, done in ((1, True), (2, True), (3, True), (25, True), (26, False), (27, False), (5, False)):
        make_note(seconds, on=first, done=done)
    make_note(text="Agreed.", seconds=None, on=first, reply_to=Note.objects.first().pk)

    notes = list_carried_notes(Note.objects.owned_by(Viewer(alice)), second)

    assert describe_counts(notes) == "7 notes: 4 done, 2 changed since, 1 unchanged"


def test_imported_notes_are_carried(alice, first, second, third, compared):
    compare(second, third, SAME)
    rows = [{"video_id": str(video.pk), "seconds": 5, "text": video.title} for video in (second, first)]

    imports.import_notes(Viewer(alice), rows)

    carried = CarriedNote.objects.order_by("note__text", "video__version").values_list("note__text", "video__version")
    assert list(carried) == [("cut 1", 2), ("cut 1", 3), ("cut 2", 3)]
