"""Compute the vector of a search text in the space of the clips, by the hosted model.

The web process never calls a provider. A worker of the queue `high` does while the page waits for `WAIT_SECONDS` at
most, and stores the vector in the cache. Without it, a search finds no shots, and nothing else changes.
"""

import hashlib
import json
import secrets
import time
import uuid
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from kombu.exceptions import OperationalError as BrokerUnavailable
from redis.exceptions import RedisError

from accounts.credentials.provider_keys import describe_caller
from accounts.viewer import Viewer
from sage.db_connections import close_idle_connections
from sage.providers.errors import ProviderError
from sage.redis_client import get_client
from videos.models import Embedding, Video
from videos.processing import clip_models
from videos.search.query_vectors import EXCLUDED, QueryVector

TASK = "videos.tasks.embed_shot_query"
WAIT_SECONDS = 3.0
CACHE_SECONDS = 24 * 3600
PAUSE_SECONDS = 10  # in which a user's searches do not ask again after a failure, and so do not wait
LATE = "Shots were not searched, because the provider did not answer in time. Search again in a moment."


class ShotQuery:
    """The vector of a search text, which a worker computes meanwhile.

    `notice` tells after `wait` why shots could not be searched. It is empty if there are none to search.
    """

    def __init__(self, viewer: Viewer, text: str) -> None:
        """Ask for the vector, unless it is cached, or the viewer has no clips that it can be compared with."""
        text = " ".join(EXCLUDED.sub(" ", text).split())
        self.notice = ""
        self._ticket = ""
        self._vector: list[float] | None = None
        self._model = clip_models.find_hosted_model(viewer.user.pk) if viewer.user else ""
        if viewer.user is None or not (self._model and text and _has_clips(viewer, self._model)):
            return
        self._pause_key = f"shots-pause:{self._model}:{viewer.user.pk}"
        self._vector = cache.get(_cache_key(self._model, text))
        if self._vector is None:
            self.notice = cache.get(self._pause_key) or ""
            if not self.notice:
                self._ask(viewer.user.pk, text)

    def _ask(self, user_id: uuid.UUID, text: str) -> None:
        self._ticket, self._asked = secrets.token_hex(16), time.monotonic()
        try:
            arguments = [self._ticket, str(user_id), text]
            current_app.send_task(TASK, arguments, queue="high", retry=False, expires=WAIT_SECONDS)
        except (BrokerUnavailable, RedisError, OSError):
            self._ticket, self.notice = "", LATE

    def wait(self) -> QueryVector | None:
        """Return the vector. None if there is none, or it was not computed in time."""
        if self._ticket:
            self._receive()
        return None if self._vector is None else QueryVector(self._model, self._vector)

    def _receive(self) -> None:
        close_idle_connections()  # frees the database connection for other requests
        left = max(0.05, self._asked + WAIT_SECONDS - time.monotonic())
        try:
            reply = get_client(settings.REDIS_URL, WAIT_SECONDS + 2).blpop([_reply_key(self._ticket)], timeout=left)
        except (RedisError, OSError):
            reply = None
        self._ticket = ""
        answer: dict[str, Any] = json.loads(reply[1]) if isinstance(reply, tuple | list) else {"error": LATE}
        self._vector = answer.get("vector")
        if self._vector is None:
            self.notice = answer["error"]
            cache.set(self._pause_key, self.notice, PAUSE_SECONDS)


def compute_and_reply(ticket: str, user_id: str, text: str) -> None:
    """Compute the vector of a text, cache it, and send it to the page that waits. It may run twice."""
    from sage.providers import registry  # it loads numpy, and the web process imports this module

    answer: dict[str, object]
    try:
        embedder = registry.choose_clip_embedder(**describe_caller(uuid.UUID(user_id), clip_models.SETTING))
        vector = [round(value, 6) for value in embedder.embed_text(text).tolist()]
        cache.set(_cache_key(embedder.model, text), vector, CACHE_SECONDS)
        answer = {"vector": vector}
    except ProviderError as error:
        answer = {"error": f"Shots were not searched. {error}"}
    redis = get_client(settings.REDIS_URL, 5)
    redis.rpush(_reply_key(ticket), json.dumps(answer))
    redis.expire(_reply_key(ticket), int(WAIT_SECONDS) + 5)


def _has_clips(viewer: Viewer, model: str) -> bool:
    library = Video.objects.owned_by(viewer).order_by()
    return Embedding.objects.filter(video__in=library, model=model, scope=Embedding.Scope.VIDEO).exists()


def _cache_key(model: str, text: str) -> str:
    return f"shots:{model}:{hashlib.sha256(text.encode()).hexdigest()}"


def _reply_key(ticket: str) -> str:
    return f"sage-shots:{ticket}"
