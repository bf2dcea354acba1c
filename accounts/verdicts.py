"""What a provider says of a key, while somebody waits for it.

The web calls no provider: a worker does, and hands its verdict back by way of Redis. The queue `high` has a worker of
its own, so nobody waits behind a video. The key travels sealed, and a question that nobody took in time is dropped.
"""

import secrets

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError as BrokerAway
from redis.exceptions import RedisError

from sage.errors import Unavailable
from sage.line import line
from sage.providers.checking import LONGEST_SECONDS, Provider, Verdict, check
from sage.sealing import seal, unseal
from sage.streaming import close_idle

WAIT_SECONDS = int(LONGEST_SECONDS) + 5  # the call itself, a worker that loads the provider's library, and some air
TASK = "accounts.tasks.check_key"


def ask(provider: Provider, key: str) -> Verdict:
    """Have a worker ask the provider, and wait. Raises `Unavailable` where no worker answers."""
    ticket = secrets.token_hex(16)
    close_idle()  # others may need the database meanwhile
    try:
        current_app.send_task(TASK, [ticket, provider.value, seal(key)], retry=False, expires=WAIT_SECONDS)
        told = line(settings.REDIS_URL, WAIT_SECONDS + 5).blpop([_place(ticket)], timeout=WAIT_SECONDS)
    except (BrokerAway, RedisError, OSError) as error:
        raise Unavailable("Keys cannot be checked right now. Nothing was changed; try again in a moment.") from error
    if not isinstance(told, tuple | list):
        raise Unavailable("No worker was free to check the key. Nothing was changed; try again in a moment.")
    return Verdict(str(told[1]))


def answer(ticket: str, provider: str, sealed: str) -> None:
    """In a worker: ask the provider, and tell whoever waits. Asked twice, it is the first answer that counts."""
    verdict = Verdict.AWAY
    try:
        verdict = check(Provider(provider), unseal(sealed))
    finally:
        place = _place(ticket)
        told = line(settings.REDIS_URL, 5)
        told.rpush(place, verdict.value)
        told.expire(place, WAIT_SECONDS)


def _place(ticket: str) -> str:
    return f"sage-verdict:{ticket}"
