"""Carrying notes and permanently deleting what they are carried along do not stop each other."""

import pytest
from django.db import transaction

from notes import writing
from notes.carrying import carry
from notes.models import CarriedNote, Note
from tests.notes.carrying_rows import RECUT, compare, create_version
from tests.notes.locks import Threads, wait_for_waiting
from videos.library import purge

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def compared(alice):
    first = create_version(alice, "cut 1", 60)
    return compare(first, create_version(alice, "cut 2", 50, of=first), RECUT)


def run_while_one_place_is_locked(place, *functions):
    """Run functions that change the places of all notes, and make each of them stop in the middle of its rows."""
    with Threads(len(functions)) as threads:
        with transaction.atomic():
            CarriedNote.objects.select_for_update().get(pk=place.pk)
            running = [threads.begin(function) for function in functions]
            wait_for_waiting(len(functions))
        for each in running:
            each.result()


@pytest.fixture
def places(make_note, compared):
    """Carry three notes, in another order than that of their times."""
    for seconds in (47, 45, 43):
        make_note(seconds, on=compared.video_a)
    return list(CarriedNote.objects.order_by("pk"))


def carry_all(compared):
    with transaction.atomic():
        carry.carry_notes(compared.video_a)


def test_a_comparison_is_purged_while_its_notes_are_carried(compared, places):
    run_while_one_place_is_locked(places[1], lambda: carry_all(compared), lambda: purge.purge_comparison(compared))

    assert set(CarriedNote.objects.values_list("comparison", flat=True)) <= {None, compared.pk}
    assert CarriedNote.objects.count() == 3


def test_deleted_notes_are_purged_while_the_notes_are_carried(compared, places, alice):
    run_while_one_place_is_locked(places[1], lambda: carry_all(compared), lambda: writing.delete_notes_of(alice))

    assert not Note.all_objects.exists()
    assert not CarriedNote.objects.exists()


def test_a_version_is_purged_while_its_notes_are_carried(compared, places):
    run_while_one_place_is_locked(places[1], lambda: carry_all(compared), lambda: purge.purge_video(compared.video_a))

    assert set(Note.objects.values_list("video", flat=True)) == {compared.video_b_id}
    assert not CarriedNote.objects.exists()
