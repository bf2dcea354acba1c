import pytest
from django.http import Http404

from accounts.viewer import Viewer
from chat.training import collecting
from chat.training.models import TrainingPair, TrainingSet
from sage.errors import BadRequest, Conflict
from tests.chat.training.conftest import OTHER_PRICE, PRICE

pytestmark = pytest.mark.django_db


def test_pairs_keep_where_they_come_from(training_set, harbour):
    pair = training_set.pairs.get(number=1)

    assert (pair.input, pair.output_text) == PRICE
    assert (pair.video, pair.start, pair.end) == (harbour, 35.0, 45.0)
    assert (pair.type, pair.language, pair.model) == ("question_answer", "en", "openai:m")


def test_outputs_videos_and_a_collection_are_sources(viewer, alice, harbour, make_examples):
    from videos.models import Collection, Video

    collection = Collection.objects.create(owner=alice, name="Calls")
    call = Video.objects.create(owner=alice, title="Call", status="ready", collection=collection)
    talk = Video.objects.create(owner=alice, title="Talk", status="ready")
    chosen = make_examples(PRICE, video=talk)
    make_examples(PRICE)
    make_examples(OTHER_PRICE, video=call)

    created = collecting.create_set(viewer, "All", [chosen.pk], [harbour.pk], collection.pk)
    assert {pair.video for pair in created.pairs.all()} == {talk, harbour, call}


def test_adding_the_same_output_again_adds_nothing(viewer, training_set, make_examples):
    output = training_set.pairs.first().output
    assert collecting.add_pairs(viewer, training_set, [output.pk]) == 0
    assert collecting.add_pairs(viewer, training_set, [output.pk, make_examples(PRICE).pk]) == 1
    assert [pair.number for pair in training_set.pairs.all()] == [1, 2, 3, 4]


def test_sources_of_others_are_not_found(bob, training_set, harbour):
    stranger = Viewer(bob)
    own = collecting.create_set(stranger, "Mine")
    output = training_set.pairs.first().output
    for sources in ({"output_ids": [output.pk]}, {"video_ids": [harbour.pk]}):
        with pytest.raises(Http404):
            collecting.add_pairs(stranger, own, **sources)
    assert not own.pairs.exists()


def test_sources_without_training_data_are_refused(viewer, harbour):
    with pytest.raises(BadRequest, match="@sales_prompt_extractor"):
        collecting.create_set(viewer, "Empty", video_ids=[harbour.pk])
    assert not TrainingSet.objects.exists()


def test_examples_without_texts_are_left_out(viewer, make_examples):
    output = make_examples(PRICE, ("", "Yes."))
    assert collecting.create_set(viewer, "Calls", [output.pk]).pairs.count() == 1


def test_a_full_set_is_refused_as_a_whole(viewer, training_set, make_examples, monkeypatch):
    monkeypatch.setattr(collecting, "MAX_PAIRS", 4)
    with pytest.raises(Conflict, match="Nothing was added"):
        collecting.add_pairs(viewer, training_set, [make_examples(PRICE, OTHER_PRICE).pk])
    assert training_set.pairs.count() == 3


def test_the_pairs_of_a_deleted_video_are_hidden(viewer, training_set, harbour):
    from django.utils import timezone

    from chat.training.reviewing import get_set

    type(harbour).objects.filter(pk=harbour.pk).update(deleted_at=timezone.now())
    assert not TrainingPair.objects.exists()
    assert get_set(viewer, training_set.pk).pair_count == 0


def test_the_sets_of_a_removed_account_are_deleted(alice, training_set):
    from chat.training.reviewing import delete_sets_of

    delete_sets_of(alice)
    delete_sets_of(alice)
    assert not TrainingPair.all_objects.exists()
