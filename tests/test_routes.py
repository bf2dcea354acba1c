"""Who gets what at every address of the site: `routes.txt` says it, one line a method and route.

The columns are those who ask; what the address names is Alice's. A route without a line fails here: add one with a `?`
in each column, see by the failure what it answers, and ask whether that is right.
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

from accounts import jwts, tokens
from accounts.models import User, UserSession
from accounts.viewer import Viewer
from sage.storage import storage
from tests import many
from videos import sharing, uploads
from videos.announced import Announced
from videos.models import Collection, Comparison, Job, Notice, Video

pytestmark = pytest.mark.django_db
LINES = Path(__file__).with_name("routes.txt")
ASKERS = ("stranger", "guest", "other", "token", "expired", "worker", "csrf", "own")
METHODS = ("get", "post", "put", "patch", "delete")
BODIES: dict[str, dict[str, Any]] = {  # so that a route gets to ask whose it is; others get none
    "POST library/collections/<uuid:collection_id>/": {"name": "d"},
    "PATCH v2/collections/<uuid:collection_id>": {"name": "d"},
    "PATCH v2/comparisons/<uuid:comparison_id>": {"threshold": 0.2},
    "POST v2/uploads/<uuid:upload_id>/complete": {"parts": [{"part_number": 1, "etag": "e"}]},
}
PLAIN = str.maketrans("", "", "^$")  # what regular expressions have beside what they match
PLACE = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")


class Route(NamedTuple):
    path: str
    pattern: URLPattern

    @property
    def methods(self) -> set[str]:
        """What a view of the API answers to; of pages only the lines know."""
        view = getattr(self.pattern.callback, "cls", None)
        known = view if view and issubclass(view, APIView) else None
        return {f"{method.upper()} {self.path}" for method in METHODS if hasattr(known, method)}


def routes(patterns: Any = None, before: str = "") -> Iterator[Route]:
    for one in patterns or get_resolver().url_patterns:
        path = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, path)
        else:
            yield Route(path, one)


def lines() -> dict[str, list[str]]:
    """What each asker gets, by method and route; `-` where a question makes no sense."""
    rows = [line.split() for line in LINES.read_text().splitlines() if line and not line.startswith("#")]
    return {f"{method} /{path}".replace(" /", " "): expected for method, path, *expected in rows}


@pytest.fixture
def named(alice, tmp_path) -> dict[str, str]:
    """What stands in the places of addresses: all of it is Alice's."""
    film = tmp_path / "film"
    film.write_bytes(b"film")

    def video(title: str) -> Video:
        key = f"videos/{title}"
        storage.put_file(key, film)
        known = {"duration": 2.0, "width": 160, "height": 90, "status": "ready", "content_type": "video/mp4"}
        made = Video.objects.create(owner=alice, title=title, filename="f.mp4", size=4, storage_key=key, **known)
        storage.put_file(made.derived_key("poster.jpg"), film)
        Job.objects.create(video=made, kind=Job.Kind.PROBE, status=Job.Status.COMPLETED)
        return made

    a, b = video("a"), video("b")
    compared = Comparison.objects.create(owner=alice, video_a=a, video_b=b, script=many.script(3))
    Job.objects.create(comparison=compared, kind=Job.Kind.COMPARE, status=Job.Status.COMPLETED)
    share = sharing.share(compared)
    User.objects.filter(pk=alice.pk).update(picture=f"pictures/{alice.pk}/drawn.jpg")
    storage.put_file(f"pictures/{alice.pk}/drawn.jpg", film)
    visit = UserSession.objects.create(user=alice, session_key="elsewhere")
    Session.objects.create(session_key="elsewhere", expire_date=timezone.now() + timedelta(hours=1))
    upload = uploads.begin(Viewer(alice), Announced("f.mp4", 4, "video/mp4"))
    return {
        "video_id": str(a.pk),
        "comparison_id": str(compared.pk),
        "collection_id": str(Collection.objects.create(owner=alice, name="c").pk),
        "upload_id": str(upload.pk),
        "notice_id": str(Notice.objects.create(owner=alice, video=a, ended="well").pk),
        "token_id": str(tokens.make(alice)[0].pk),
        "token": sharing.path(share).rpartition("/")[2],
        "ticket": sharing.SharedAddresses(share).ticket,
        "number": "1",
        "index": "0",
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
def ask(alice, bob, named):
    """Ask as one of `ASKERS`; whatever that changes is undone."""
    nobody, other, own, strict = Client(), Client(), Client(), Client(enforce_csrf_checks=True)
    other.force_login(bob)
    own.force_login(alice)
    strict.force_login(alice)
    past = {"exp": int(time.time()) - 1}
    key = settings.SIMPLE_JWT["SIGNING_KEY"]
    claims = jwt.decode(jwts.issue(alice), key, algorithms=["HS256"])
    bearers = {
        "token": tokens.make(alice)[1],
        "expired": jwt.encode({**claims, **past}, key, "HS256"),
        "worker": "not the ADMIN_TOKEN of this site",
    }
    clients = {"other": other, "own": own, "csrf": strict}

    cookies = {asker: client.cookies.copy() for asker, client in clients.items()}

    def answer(asker: str, method: str, path: str) -> int:
        headers = {"Authorization": f"Bearer {bearers[asker]}"} if asker in bearers else {}
        if asker == "guest":
            headers["X-Guest-Session-ID"] = "a-guest-of-sage"
        where = "/" + PLACE.sub(lambda place: named.get(place[1] or place[2], "nothing"), path.translate(PLAIN))
        body: dict[str, Any] = {"data": BODIES.get(f"{method} {path}", {})}
        if path.startswith("v2/"):
            body["content_type"] = "application/json"
        cache.clear()  # what is limited is tried elsewhere
        client = clients.get(asker, nobody)
        client.cookies = cookies.get(asker, SimpleCookie()).copy()  # logging out, say, is undone as well
        with transaction.atomic():
            status = getattr(client, method.lower())(where, **(body if method != "GET" else {}), headers=headers)
            transaction.set_rollback(True)
        return int(status.status_code)

    return answer


def test_every_route_of_the_site_has_a_line_and_no_line_is_of_none():
    known, listed = [one for one in routes() if not one.path.startswith("admin/")], lines()

    wanted = {line for route in known for line in route.methods}
    paths = {line.split(" ", 1)[1] for line in listed}
    assert sorted(wanted - set(listed)) == []
    assert sorted({one.path or "/" for one in known} - paths) == []
    assert sorted(paths - {one.path or "/" for one in known}) == []


def test_everybody_gets_what_is_theirs_at_every_route_and_nothing_else(ask):
    wrong = []
    for line, expected in lines().items():
        method, path = line.split(" ", 1)
        got = [
            "-" if told == "-" else str(ask(asker, method, path.removeprefix("/")))
            for asker, told in zip(ASKERS, expected, strict=True)
        ]
        if got != expected:
            wrong.append(f"{line:<60} {' '.join(got)}   not   {' '.join(expected)}")

    assert not wrong, "\n" + "\n".join(wrong)


def test_the_admin_site_is_for_operators(ask):
    pages = [one.path for one in routes() if one.path.startswith("admin/")]

    refused = {path: [ask(asker, "GET", path) for asker in ("stranger", "guest", "other", "own")] for path in pages}

    assert len(pages) > 50
    assert {path: got for path, got in refused.items() if set(got) - {302, 403}} == {}
