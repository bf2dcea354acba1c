"""Check the response status of every route for each client. `routes.txt` has one line per method and route.

The columns are the clients. The objects in the URLs belong to Alice. A route without a line fails: add one with a `?`
in each column, read the statuses from the failure, and check that they are right.
"""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, NamedTuple

import jwt
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from rest_framework.views import APIView

from accounts.credentials import tokens
from accounts.models import User, UserSession
from accounts.signin import jwts
from accounts.viewer import Viewer
from chat.models import Conversation, Message
from chat.outputs.models import Output
from chat.training.models import TrainingPair, TrainingSet
from notes.models import Note, NoteAttachment
from sage.storage import storage
from tests import long_script
from videos.comparisons import sharing
from videos.models import Collection, Comparison, Cue, Job, Notice, Transcript, Video
from videos.uploads import multipart
from videos.uploads.announcement import UploadAnnouncement

pytestmark = pytest.mark.django_db
ROUTES_FILE = Path(__file__).with_name("routes.txt")
CLIENTS = ("anonymous", "guest", "other", "token", "expired", "worker", "csrf", "own")
METHODS = ("get", "post", "put", "patch", "delete")
BODIES: dict[str, Any] = {  # valid bodies, so that the view checks the owner; other routes get none
    "POST library/collections/<uuid:collection_id>/": {"name": "d"},
    "PATCH v2/collections/<uuid:collection_id>": {"name": "d"},
    "PATCH v2/comparisons/<uuid:comparison_id>": {"threshold": 0.2},
    "PATCH v2/comparisons/<uuid:comparison_id>/differences/<index:index>": {"review": "to_fix"},
    "POST v2/shares/<slug:token>/comments": {"name": "Mira", "text": "Hi"},
    "PUT v2/videos/<video:video_id>/transcript": [{"text": "a", "offset": 0, "duration": 1}],
    "PUT v2/videos/<video:video_id>/chapters": [{"start": 0, "title": "a"}],
    "PATCH v2/notes/<uuid:note_id>": {"done": True},
    "PATCH v2/conversations/<uuid:conversation_id>": {"pinned": True},
    "PATCH v2/training-sets/<uuid:set_id>/pairs/<uuid:pair_id>": {"status": "accepted"},
    "POST v2/notes/<uuid:note_id>/attachments": {"kind": "frame"},
    "POST videos/<video:video_id>/transcript/<int:cue_id>/": {"text": "Hi"},
    "POST v2/uploads/<uuid:upload_id>/complete": {"parts": [{"part_number": 1, "etag": "e"}]},
}
ANCHORS = str.maketrans("", "", "^$")  # anchors of regular expressions
PLACEHOLDER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")


class Route(NamedTuple):
    path: str
    pattern: URLPattern

    @property
    def methods(self) -> set[str]:
        """Return the methods of an API view. The methods of pages are only listed in the file."""
        view = getattr(self.pattern.callback, "cls", None)
        known = view if view and issubclass(view, APIView) else None
        return {f"{method.upper()} {self.path}" for method in METHODS if hasattr(known, method)}


def list_routes(patterns: Any = None, before: str = "") -> Iterator[Route]:
    for one in patterns or get_resolver().url_patterns:
        path = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from list_routes(one.url_patterns, path)
        else:
            yield Route(path, one)


def read_expected_statuses() -> dict[str, list[str]]:
    """Return the status for each client by method and route; `-` if it does not apply."""
    rows = [line.split() for line in ROUTES_FILE.read_text().splitlines() if line and not line.startswith("#")]
    return {f"{method} /{path}".replace(" /", " "): expected for method, path, *expected in rows}


@pytest.fixture
def url_parameters(alice, tmp_path) -> dict[str, str]:
    """Create objects of Alice and return the values of the URL parameters."""
    film = tmp_path / "film"
    film.write_bytes(b"film")

    def video(title: str) -> Video:
        key = f"videos/{title}"
        storage.put_file(key, film)
        known = {"duration": 2.0, "width": 160, "height": 90, "status": "ready", "content_type": "video/mp4"}
        created = Video.objects.create(owner=alice, title=title, filename="f.mp4", size=4, storage_key=key, **known)
        storage.put_file(created.derived_key("poster.jpg"), film)
        Job.objects.create(video=created, kind=Job.Kind.PROBE, status=Job.Status.COMPLETED)
        return created

    a, b = video("a"), video("b")
    compared = Comparison.objects.create(owner=alice, video_a=a, video_b=b, script=long_script.build_script(30))
    Job.objects.create(comparison=compared, kind=Job.Kind.COMPARE, status=Job.Status.COMPLETED)
    share = sharing.share_comparison(compared, allow_comments=True)
    transcript = Transcript.objects.create(video=a, source=Transcript.Source.UPLOADED, language="en")
    cue = Cue.objects.create(transcript=transcript, start=0, end=1, text="Hello")
    User.objects.filter(pk=alice.pk).update(picture=f"pictures/{alice.pk}/drawn.jpg")
    storage.put_file(f"pictures/{alice.pk}/drawn.jpg", film)
    visit = UserSession.objects.create(user=alice, session_key="elsewhere")
    Session.objects.create(session_key="elsewhere", expire_date=timezone.now() + timedelta(hours=1))
    conversation = Conversation.objects.create(owner=alice)
    Message.objects.create(conversation=conversation, number=1, role="user", content="Hi")
    answered = Message.objects.create(conversation=conversation, number=2, role="assistant", content="Hello")
    note = Note.objects.create(owner=alice, video=a, seconds=1, text="Hi")
    training_set = TrainingSet.objects.create(owner=alice, title="Calls")
    pair = TrainingPair.objects.create(set=training_set, number=1, place=0, video=a, input="Hi", output_text="Hello")
    upload = multipart.start_upload(Viewer(alice), UploadAnnouncement("f.mp4", 4, "video/mp4"))
    return {
        "video_id": str(a.pk),
        "comparison_id": str(compared.pk),
        "collection_id": str(Collection.objects.create(owner=alice, name="c").pk),
        "upload_id": str(upload.pk),
        "notice_id": str(Notice.objects.create(owner=alice, video=a, ended="well").pk),
        "task_id": str(a.pk),
        "token_id": str(tokens.create_token(alice)[0].pk),
        "token": sharing.build_share_path(share).rpartition("/")[2],
        "ticket": sharing.SharedMediaUrls(share).ticket,
        "conversation_id": str(conversation.pk),
        "message_id": str(answered.pk),
        "note_id": str(note.pk),
        "output_id": str(Output.objects.create(owner=alice, video=a, agent="summary", type="summary", content="Hi").pk),
        "set_id": str(training_set.pk),
        "pair_id": str(pair.pk),
        "attachment_id": str(NoteAttachment.objects.create(note=note, kind="drawing", drawing={"shapes": []}).pk),
        "number": "1",
        "index": "0",
        "cue_id": str(cue.pk),
        "kind": "srt",
        "side": "a",
        "name": "poster.jpg",
        "action": "cancel",
        "provider": "gemini",
        "user_id": str(alice.pk),
        "drawn": "drawn",
        "session_id": str(visit.pk),
        "pk": "0",
    }


@pytest.fixture
def request_status(alice, bob, url_parameters):
    """Return a function that sends a request as one of `CLIENTS`, rolls back its changes and returns the status."""
    anonymous, other, own, strict = Client(), Client(), Client(), Client(enforce_csrf_checks=True)
    other.force_login(bob)
    own.force_login(alice)
    strict.force_login(alice)
    past = {"exp": int(time.time()) - 1}
    key = settings.SIMPLE_JWT["SIGNING_KEY"]
    claims = jwt.decode(jwts.issue(alice), key, algorithms=["HS256"])
    bearers = {
        "token": tokens.create_token(alice)[1],
        "expired": jwt.encode({**claims, **past}, key, "HS256"),
        "worker": "not the ADMIN_TOKEN of this site",
    }
    clients = {"other": other, "own": own, "csrf": strict}

    cookies = {role: client.cookies.copy() for role, client in clients.items()}

    def answer(role: str, method: str, path: str) -> int:
        headers = {"Authorization": f"Bearer {bearers[role]}"} if role in bearers else {}
        if role == "guest":
            headers["X-Guest-Session-ID"] = "a-guest-of-sage"
        where = "/" + PLACEHOLDER.sub(
            lambda match: url_parameters.get(match[1] or match[2], "nothing"), path.translate(ANCHORS)
        )
        body: dict[str, Any] = {"data": BODIES.get(f"{method} {path}", {})}
        if path.startswith("v2/"):
            body["content_type"] = "application/json"
        cache.clear()  # other tests cover the rate limits of allauth
        client = clients.get(role, anonymous)
        client.cookies = cookies.get(role, SimpleCookie()).copy()  # undoes a logout
        with transaction.atomic():
            status = getattr(client, method.lower())(where, **(body if method != "GET" else {}), headers=headers)
            transaction.set_rollback(True)
        return int(status.status_code)

    return answer


def test_every_route_is_listed_and_every_listed_route_exists():
    known, listed = [one for one in list_routes() if not one.path.startswith("admin/")], read_expected_statuses()

    wanted = {line for route in known for line in route.methods}
    paths = {line.split(" ", 1)[1] for line in listed}
    assert sorted(wanted - set(listed)) == []
    assert sorted({one.path or "/" for one in known} - paths) == []
    assert sorted(paths - {one.path or "/" for one in known}) == []


def test_every_route_answers_each_client_as_listed(request_status):
    wrong = []
    for line, expected in read_expected_statuses().items():
        method, path = line.split(" ", 1)
        got = [
            "-" if status == "-" else str(request_status(role, method, path.removeprefix("/")))
            for role, status in zip(CLIENTS, expected, strict=True)
        ]
        if got != expected:
            wrong.append(f"{line:<60} {' '.join(got)}   not   {' '.join(expected)}")

    assert not wrong, "\n" + "\n".join(wrong)


def test_the_admin_site_is_for_operators(request_status):
    pages = [one.path for one in list_routes() if one.path.startswith("admin/")]

    refused = {
        path: [request_status(role, "GET", path) for role in ("anonymous", "guest", "other", "own")] for path in pages
    }

    assert len(pages) > 50
    assert {path: got for path, got in refused.items() if set(got) - {302, 403}} == {}
