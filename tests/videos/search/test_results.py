"""What a search finds in the library of Alice, and what it never shows."""

import uuid
from datetime import timedelta

import pytest
from django.http import Http404
from django.utils import timezone

from accounts.viewer import Viewer
from sage.errors import NotFound
from tests.videos.passage_rows import add_passages, create_video
from videos.models import Chapter, Collection, Passage, Video
from videos.search.filters import SearchFilters
from videos.search.kinds import describe_cues, list_passages
from videos.search.results import search_library

pytestmark = pytest.mark.django_db
BRIDGE = ["I leave at six.", "Mornings are the only hour when the bridge belongs to us.", "Then the cars come."]
COOKING = ["Chop the onions and fry them in butter.", "Add the rice and stir until it is hot."]


@pytest.fixture
def interview(alice) -> Video:
    video = create_video(alice, "Street interview")
    add_passages(video, [BRIDGE, COOKING])
    return video


def search(user, text, **filters):
    return search_library(Viewer(user), text, SearchFilters(**filters))[:50]


def test_a_word_is_found_in_another_form_and_marked(alice, interview):
    [result] = search(alice, "bridges", kind="transcript")

    assert (result.kind, result.video_id, result.title) == ("transcript", interview.video_id, "Street interview")
    assert [result.text[start:end] for start, end in result.marks] == ["bridge"]


def test_a_result_has_the_times_of_the_cue_with_the_words(alice, interview):
    [result] = search(alice, "bridge", kind="transcript")

    assert (result.start, result.end) == (5.0, 10.0)
    assert result.url == f"/videos/{interview.pk}/?t=5.000"


def test_a_result_has_these_times_also_if_its_passage_is_replaced_meanwhile(alice, interview):
    loaded = list_passages(Viewer(alice), SearchFilters()).get(text__contains="bridge")
    Passage.objects.all().delete()

    [record] = describe_cues([(loaded, loaded.text.index("bridge"))])

    assert (record.start, record.end) == (5.0, 10.0)


def test_a_passage_is_found_by_its_meaning(alice, interview):
    [result] = search(alice, "cooking recipe vegetables", kind="transcript")

    assert result.text.startswith("Chop the onions")
    assert (result.marks, result.start, result.end) == ([], 15.0, 25.0)


def test_a_passage_that_matches_by_words_and_meaning_comes_before_one_that_matches_by_words(alice, interview):
    add_passages(create_video(alice, "Tolls"), [["A bridge, said the empty lorry."]], embed=False)

    found = search(alice, "bridge", kind="transcript")

    assert [one.title for one in found] == ["Street interview", "Tolls"]
    assert found[0].score > found[1].score


def test_an_unrelated_text_finds_nothing(alice, interview):
    assert search(alice, "quarterly tax accounting spreadsheet") == []


def test_titles_and_chapters_are_found(alice, interview):
    Chapter.objects.create(video=interview, start=3, title="The bridge at dawn")
    Chapter.objects.create(video=interview, start=20, title="Cooking")

    found = search(alice, "interview OR dawn")

    assert [(one.kind, one.start, one.end) for one in found] == [("title", None, None), ("chapter", 3.0, 20.0)]
    assert found[0].url == f"/videos/{interview.pk}/"


def test_another_users_videos_are_never_found(alice, bob, interview):
    assert search(bob, "bridge") == []
    assert search_library(Viewer(), "bridge", SearchFilters())[:50] == []


def test_deleted_videos_are_not_found(alice, interview):
    Video.objects.filter(pk=interview.pk).update(deleted_at=timezone.now())

    assert search(alice, "bridge OR interview") == []


def test_each_language_is_searched_by_its_own_rules(alice, interview):
    add_passages(create_video(alice, "Brücken"), [["Viele Brücken sind morgens leer."]], language="de", embed=False)
    add_passages(create_video(alice, "Kuala Lumpur"), [["Jambatan ini kosong."]], language="ms", embed=False)

    def list_marked(text: str) -> list[str]:
        return [one.title for one in search(alice, text, kind="transcript") if one.marks]

    assert list_marked("Brücke") == ["Brücken"]
    assert list_marked("kosong") == ["Kuala Lumpur"]
    assert list_marked("bridging") == ["Street interview"]


def test_an_excluded_word_excludes_in_every_language(alice, interview):
    add_passages(create_video(alice, "Zweites"), [["Die bridge im Film."]], language="de", embed=False)

    assert {one.title for one in search(alice, "bridge -films", kind="transcript")} == {"Street interview"}
    assert not [one for one in search(alice, "-bridges", kind="transcript") if "belongs" in one.text]


def test_excluded_words_exclude_rows_that_are_only_similar(alice, interview):
    assert search(alice, "cars on a bridge")
    assert not [one for one in search(alice, "cars on a street -bridge") if "bridge" in one.text]
    assert search(alice, '-"') == []


def test_results_are_limited_to_a_video_a_collection_and_dates(alice, interview):
    other = create_video(alice, "Other bridge")
    autumn = Collection.objects.create(owner=alice, name="Autumn")
    Video.objects.filter(pk=other.pk).update(collection=autumn, created_at=timezone.now() - timedelta(days=40))
    week = timezone.now() - timedelta(days=7)

    assert {one.video_id for one in search(alice, "bridge")} == {interview.video_id, other.video_id}
    assert {one.video_id for one in search(alice, "bridge", video_id=interview.pk)} == {interview.video_id}
    assert {one.video_id for one in search(alice, "bridge", collection_id=autumn.pk)} == {other.video_id}
    assert {one.video_id for one in search(alice, "bridge", since=week)} == {interview.video_id}
    assert {one.video_id for one in search(alice, "bridge", until=week)} == {other.video_id}


def test_another_users_video_or_collection_is_not_found(alice, bob, interview):
    autumn = Collection.objects.create(owner=alice, name="Autumn")

    with pytest.raises(Http404):
        search(bob, "bridge", video_id=interview.pk)
    with pytest.raises(NotFound):
        search(bob, "bridge", collection_id=autumn.pk)
    with pytest.raises(Http404):
        search(alice, "bridge", video_id=uuid.uuid4())


@pytest.mark.parametrize(
    "text", ["' OR 1=1 --", '"', '"bridge', "%", "_", "*", "& | ! ( ) <-> :*", "\\", "-", "OR", "<b>", "\u200b", "{}$1"]
)
def test_operators_are_harmless(alice, interview, text):
    assert isinstance(search(alice, text), list)


def test_html_in_a_transcript_stays_plain_text(alice):
    add_passages(create_video(alice, "Markup"), [["He said <b>bridge</b> & <script>alert('bridge')</script> twice"]])

    [result] = search(alice, "twice bridge", kind="transcript")

    assert "<script>alert('bridge')</script>" in result.text
    assert "twice" in [result.text[start:end] for start, end in result.marks]


def test_a_long_passage_is_cut_around_the_words(alice):
    words = (
        ["Nothing happens here at all, says the speaker."] * 20 + ["Now the zeppelin lands."] + ["And on it goes."] * 20
    )
    add_passages(create_video(alice, "Long"), [words])

    [result] = search(alice, "zeppelin", kind="transcript")

    assert len(result.text) <= 202
    assert [result.text[start:end] for start, end in result.marks] == ["zeppelin"]
    assert (result.text[0], result.text[-1]) == ("…", "…")
    assert (result.start, result.end) == (100.0, 105.0)


def test_without_a_local_model_only_words_are_searched(alice, interview, settings):
    settings.TEXT_VECTOR_MODEL = "hosted:model"

    assert search(alice, "cooking recipe vegetables") == []
    assert len(search(alice, "onion")) == 1
