"""Comments of visitors of a share link."""

import json

import pytest
from django.core.cache import cache
from django.test import Client

from notes.comparisons import share_comments
from notes.models import Note
from videos.comparisons import sharing

pytestmark = pytest.mark.django_db


def comment(client, token, **body):
    body = {"name": "Mira", "text": "The logo is late.", **body}
    return client.post(f"/v2/shares/{token}/comments", body, content_type="application/json")


def test_a_visitor_comments_and_the_owner_sees_it_as_a_note(client, alice_client, alice, comparison, token):
    visitor = Client()
    answer = comment(visitor, token, side="a", seconds=1.5)
    general = comment(visitor, token, text="All good.")

    created = answer.json()
    assert (answer.status_code, list(created)) == (201, ["id", "name", "text", "side", "seconds", "created_at"])
    assert (created["name"], created["side"], created["seconds"]) == ("Mira", "a", 1.5)
    assert (general.json()["side"], general.json()["seconds"]) == (None, None)
    assert [row["text"] for row in visitor.get(f"/v2/shares/{token}/comments").json()] == [
        "The logo is late.",
        "All good.",
    ]
    note = Note.objects.get(pk=created["id"])
    assert (note.owner, note.video, note.comparison_id, note.author_name) == (
        alice,
        comparison.video_a,
        comparison.pk,
        "Mira",
    )
    page = alice_client.get(f"/compare/{comparison.pk}/?panel=notes").content.decode()
    assert page.count('class="note-comment"') == 2
    data = json.loads(alice_client.get(f"/v2/comparisons/{comparison.pk}/export?format=json").content)
    assert [(each["author"], each["seconds"], each["is_comment"]) for each in data["notes"]] == [
        ("Mira", None, True),
        ("Mira", 1.5, True),
    ]
    assert "Mira" in alice_client.get(f"/compare/{comparison.pk}/report/").content.decode()


def test_the_owner_removes_a_comment_like_a_note(alice_client, token):
    pk = comment(Client(), token).json()["id"]

    assert alice_client.delete(f"/v2/notes/{pk}").status_code == 200
    assert Client().get(f"/v2/shares/{token}/comments").json() == []
    assert alice_client.post(f"/v2/notes/{pk}/restore").status_code == 200
    assert len(Client().get(f"/v2/shares/{token}/comments").json()) == 1


def test_visitors_do_not_see_notes_and_replies_of_the_owner(alice_client, comparison, token, take_note):
    take_note(text="Private remark")
    pk = comment(Client(), token).json()["id"]
    path = f"/v2/videos/{comparison.video_b.pk}/notes"
    alice_client.post(path, {"reply_to": pk, "text": "Private answer"}, content_type="application/json")

    page = Client().get(f"/s/{token}?panel=notes").content.decode()

    assert "The logo is late." in page
    assert "Private" not in page
    assert len(Client().get(f"/v2/shares/{token}/comments").json()) == 1


@pytest.mark.parametrize("end", ["forbid", "revoke", "expire", "delete"])
def test_a_link_that_takes_no_comments_is_404(comparison, share, token, end):
    if end == "forbid":
        sharing.share_comparison(comparison, allow_comments=False)
    elif end == "revoke":
        sharing.revoke_share(comparison)
    elif end == "delete":
        comparison.deleted_at = share.created_at
        comparison.save()
    else:
        type(share).objects.filter(pk=share.pk).update(created_at="2020-01-01T00:00Z", expires_at="2020-01-02T00:00Z")
    visitor = Client()

    assert comment(visitor, token).status_code == 404
    assert visitor.get(f"/v2/shares/{token}/comments").status_code == 404
    assert visitor.post(f"/s/{token}/comments/", {"name": "Mira", "text": "Hi"}).status_code in (404, 410)
    assert not Note.objects.exists()


def test_an_unknown_link_is_404():
    assert comment(Client(), "x" * 43).status_code == 404


def test_a_new_link_takes_no_comments_unless_its_owner_allows_them(alice_client, comparison):
    path = f"/v2/comparisons/{comparison.pk}/share"

    def share_again(**body):
        return alice_client.post(path, body, content_type="application/json").json()["allow_comments"]

    assert [share_again(), share_again(allow_comments=True), share_again()] == [False, True, True]
    alice_client.post(f"/compare/{comparison.pk}/share/", {"expires_in_days": 7})
    assert share_again() is False


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""},
        {"name": "x" * 61},
        {"name": "\u202e\u2066"},
        {"text": ""},
        {"text": "x" * 2001},
        {"text": "\u200b"},
        {"side": "c"},
        {"seconds": -1},
        {"seconds": 99},
        {"seconds": "1"},
        {"html": "<b>"},
    ],
)
def test_an_invalid_comment_is_422(token, body):
    assert comment(Client(), token, **body).status_code == 422
    assert not Note.objects.exists()


def test_invisible_and_control_characters_are_removed(token):
    answer = comment(Client(), token, name="Mi\u202era\n\x07Lee", text="a\u2066b\r\nc\x1bd\n\n\n\ne").json()

    assert (answer["name"], answer["text"]) == ("Mira Lee", "ab\nc d\n\ne")


def test_a_comment_is_never_html_or_markdown(alice_client, comparison, token):
    comment(Client(), token, name="<i>Eve</i>", text="<script>x</script> [go](https://example.org) **b**")

    for page in (
        alice_client.get(f"/compare/{comparison.pk}/?panel=notes"),
        alice_client.get(f"/compare/{comparison.pk}/report/"),
        alice_client.get(f"/videos/{comparison.video_b.pk}/?panel=notes"),
        alice_client.get("/notes/"),
        Client().get(f"/s/{token}?panel=notes"),
    ):
        content = page.content.decode()
        assert "&lt;script&gt;x&lt;/script&gt; [go](https://example.org) **b**" in content
        assert "&lt;i&gt;Eve&lt;/i&gt;" in content


def test_the_form_remembers_the_name_in_a_signed_cookie(token):
    visitor = Client()
    body = {"name": "Mira", "text": "Hi", "side": "a", "timestamp": "0:02"}

    answer = visitor.post(f"/s/{token}/comments/", body)
    page = visitor.get(f"/s/{token}?panel=notes").content.decode()

    assert answer["Location"] == f"/s/{token}?panel=notes&t=2.000&side=a#comments"
    assert 'name="name" value="Mira"' in page
    assert visitor.cookies[share_comments.NAME_COOKIE]["httponly"]
    visitor.cookies[share_comments.NAME_COOKIE] = "Forged:1:x"
    assert 'name="name" value=""' in visitor.get(f"/s/{token}?panel=notes").content.decode()


def test_the_form_needs_a_csrf_token(token):
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(f"/s/{token}/comments/", {"name": "Mira", "text": "Hi"}).status_code == 403


def test_a_link_has_a_limit_of_comments(token, monkeypatch):
    monkeypatch.setattr(share_comments, "MAX_COMMENTS", 2)

    assert [comment(Client(), token).status_code for _ in range(3)] == [201, 201, 409]
    assert "as many comments as it can have" in Client().get(f"/s/{token}?panel=notes").content.decode()


def test_comments_have_a_rate_limit_of_their_own(token):
    cache.clear()

    statuses = [comment(Client(), token).status_code for _ in range(11)]

    assert statuses == [201] * 10 + [429]
    assert Client().get(f"/v2/shares/{token}/comments").status_code == 200


def test_a_comment_is_announced_to_the_owner(token, django_capture_on_commit_callbacks, monkeypatch):
    from notes.topics import NOTES

    published = []
    monkeypatch.setattr(type(NOTES), "publish", lambda self, user_id, data: published.append((self.name, data)))
    with django_capture_on_commit_callbacks(execute=True):
        pk = comment(Client(), token).json()["id"]

    assert [(name, data["note_id"]) for name, data in published] == [("notes", pk)]
