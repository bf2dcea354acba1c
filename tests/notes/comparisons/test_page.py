"""Notes on the page of a comparison, in its report and in its exports."""

import csv
import io
import json

import pytest

from notes.models import Note
from videos.comparisons.reviews import marking

pytestmark = pytest.mark.django_db


def get_panel(client, comparison, **query):
    context = client.get(f"/compare/{comparison.pk}/", query).context
    return next(panel for panel in context["compare_panels"] if panel.name == "notes").content


def test_a_note_shows_its_time_on_both_sides(alice_client, comparison, take_note):
    for side, seconds in (("b", 7.5), ("a", 1.0), ("b", 5.0), ("a", 8.5)):
        take_note(side, seconds)

    content = get_panel(alice_client, comparison)

    times = [(thread.a, thread.b, thread.difference) for thread in content.data["threads"]]
    assert times == [(1.0, 1.0, None), (None, 5.0, 1), (5.5, 7.5, None), (8.5, None, 3)]
    assert [(mark.a, mark.b) for mark in content.marks] == [pair[:2] for pair in times]
    page = alice_client.get(f"/compare/{comparison.pk}/").content.decode()
    assert page.count('r="3.5"') == 6
    assert "Not in A" in page


def test_the_panel_filters_by_state_and_by_difference(alice_client, comparison, take_note):
    inside, outside = take_note("b", 5.0), take_note("b", 1.0, done=True)

    assert [t.note for t in get_panel(alice_client, comparison, difference="1").data["threads"]] == [inside]
    assert [t.note for t in get_panel(alice_client, comparison, show="done").data["threads"]] == [outside]
    assert len(get_panel(alice_client, comparison, difference="0", show="x").data["threads"]) == 2


def test_a_note_is_the_same_row_on_the_page_of_its_video(alice_client, comparison, take_note):
    note = take_note("a", 2.0, "On A.")

    (listed,) = alice_client.get(f"/v2/videos/{comparison.video_a.pk}/notes").json()

    assert (listed["id"], listed["comparison_id"], listed["side"]) == (str(note.pk), str(comparison.pk), "a")
    assert alice_client.get(f"/v2/videos/{comparison.video_b.pk}/notes").json() == []


def test_a_reply_belongs_to_the_comparison_of_its_note(alice_client, comparison, take_note):
    note = take_note("a", 2.0)
    path = f"/v2/videos/{comparison.video_a.pk}/notes"

    reply = alice_client.post(path, {"reply_to": str(note.pk), "text": "Yes"}, content_type="application/json").json()

    assert (reply["comparison_id"], reply["side"]) == (str(comparison.pk), "a")
    (thread,) = get_panel(alice_client, comparison).data["threads"]
    assert [row.text for row in thread.replies] == ["Yes"]


def test_forms_write_reply_mark_delete_and_restore(alice_client, comparison):
    page = f"/compare/{comparison.pk}/"
    written = alice_client.post(f"{page}notes/", {"side": "a", "timestamp": "0:02", "text": "Hi"})
    note = Note.objects.get()
    steps = {
        f"/videos/{comparison.video_a.pk}/notes/": {"reply_to": note.pk, "text": "Yes", "page": "compare"},
        f"/notes/{note.pk}/done/": {"done": "true", "page": "compare"},
        f"/notes/{note.pk}/edit/?page=compare": {"text": "Hello", "timestamp": "0:02"},
    }
    answers = [alice_client.post(path, body)["Location"] for path, body in steps.items()]
    deleted = alice_client.post(f"/notes/{note.pk}/delete/", {"page": "compare"})["Location"]

    assert (note.video_id, note.comparison_id, note.side) == (comparison.video_a_id, comparison.pk, "a")
    assert written["Location"] == f"{page}?panel=notes&t=2.000&side=a#note-{note.pk}"
    assert answers[1:] == [written["Location"]] * 2
    assert answers[0].startswith(f"{page}?panel=notes")
    assert deleted == f"{page}?panel=notes&deleted={note.pk}#notes"
    assert "Undo" in alice_client.get(deleted.partition("#")[0]).content.decode()
    restored = alice_client.post(f"/notes/{note.pk}/restore/", {"page": "compare"})
    assert restored["Location"] == written["Location"]


@pytest.mark.parametrize(
    "body",
    [{"side": "c", "timestamp": "0:02"}, {"side": "a", "timestamp": "1:2"}, {"side": "a", "timestamp": "0:30"}],
)
def test_an_invalid_form_saves_nothing(alice_client, comparison, body):
    page = alice_client.post(f"/compare/{comparison.pk}/notes/", {**body, "text": "Hi"}, follow=True)

    assert "The note was not saved." in page.content.decode()
    assert not Note.objects.exists()


def test_strangers_and_visitors_do_not_see_notes(client, bob_client, comparison, take_note, share):
    from videos.comparisons import sharing

    take_note(text="Private remark")

    assert bob_client.get(f"/compare/{comparison.pk}/").status_code == 404
    assert bob_client.post(f"/compare/{comparison.pk}/notes/", {"side": "a"}).status_code == 404
    assert "Private remark" not in client.get(sharing.build_share_path(share)).content.decode()


def test_the_query_count_does_not_grow_with_notes(alice_client, comparison, take_note, django_assert_num_queries):
    alice_client.get("/compare/")  # the first visit writes the session
    note = take_note()
    with django_assert_num_queries(9):
        alice_client.get(f"/compare/{comparison.pk}/")
    for number in range(8):
        take_note("a", float(number))
        take_note(text="Reply", reply_to=note.pk)
    with django_assert_num_queries(9):
        alice_client.get(f"/compare/{comparison.pk}/")
    with django_assert_num_queries(5):
        listed = alice_client.get("/v2/comparisons")
        b"".join(listed)


def test_segments_count_their_notes_and_replies(alice_client, comparison, take_note):
    note = take_note("b", 4.0)
    take_note("b", 4.0, reply_to=note.pk)
    take_note("a", 8.0)

    segments = alice_client.get(f"/v2/comparisons/{comparison.pk}").json()["segments"]
    reviewed = alice_client.patch(
        f"/v2/comparisons/{comparison.pk}/differences/0", {"review": "expected"}, content_type="application/json"
    )

    assert [segment["note_count"] for segment in segments] == [0, 2, 0, 1]
    assert reviewed.json() == {"index": 0, "review": "expected", "note_count": 2}


@pytest.fixture
def reviewed(comparison, take_note):
    """Review a difference of the comparison, and write notes with characters that each format must handle."""
    marking.review_difference(comparison, 0, "to_fix")
    note = take_note("b", 5.0, "=Cut *this* <b>now</b>")
    take_note("b", 5.0, "Done", reply_to=note.pk)
    take_note("a", 1.0, "Elsewhere")
    return comparison


def export(client, comparison, kind):
    return client.get(f"/v2/comparisons/{comparison.pk}/export?format={kind}").content.decode()


def test_exports_carry_reviews_and_notes(alice_client, reviewed):
    data = json.loads(export(alice_client, reviewed, "json"))
    rows = list(csv.DictReader(io.StringIO(export(alice_client, reviewed, "csv"))))
    document = export(alice_client, reviewed, "md")
    timeline = json.loads(export(alice_client, reviewed, "otio"))

    assert [segment["review"] for segment in data["segments"]] == [None, "to_fix", None, None]
    assert [(note["side"], note["author"], len(note["replies"])) for note in data["notes"]] == [
        ("a", "Alice", 0),
        ("b", "Alice", 1),
    ]
    assert [row["review"] for row in rows if row["kind"] == "picture"] == ["", "to_fix", "", ""]
    assert [(row["kind"], row["note"]) for row in rows if row["author"]] == [
        ("note", "Elsewhere"),
        ("note", "'=Cut *this* <b>now</b>"),
        ("reply", "Done"),
    ]
    assert "**To fix**" in document
    assert r"Alice: =Cut \*this\* \<b\>now\</b\>" in document
    assert document.index("Other notes: 1") < document.index("Elsewhere")
    comments = [
        marker["comment"]
        for track in timeline["tracks"]["children"]
        for clip in track["children"]
        for marker in clip["markers"]
    ]
    assert comments == ["", "To fix / Alice: =Cut *this* <b>now</b> / Alice: Done"]
    assert "(TO FIX / ALICE: =CUT" in export(alice_client, reviewed, "edl")


def test_the_report_shows_reviews_and_notes(alice_client, reviewed):
    page = alice_client.get(f"/compare/{reviewed.pk}/report/").content.decode()

    assert '<span class="review to_fix">To fix</span>' in page
    assert "To fix: 1, Not reviewed: 1." in page
    assert "<em>this</em> &lt;b&gt;now&lt;/b&gt;" in page
    assert page.index("<h2>Notes</h2>") < page.index("Elsewhere")
