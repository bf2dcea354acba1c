"""Check a provider key in a worker while a page waits for the result.

The web process never calls a provider. A worker does and returns its verdict through Redis. The queue `high` has a
worker of its own, so a check does not wait behind a video. The message holds the encrypted key and expires when the
page stops waiting. A check is not a job row: its result is worthless after that, and a row would store the key.
"""

import secrets

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError as BrokerUnavailable
from redis.exceptions import RedisError

from sage.db_connections import close_idle_connections
from sage.encryption import decrypt, encrypt
from sage.errors import ServiceUnavailable
from sage.providers.keys import LONGEST_SECONDS, Provider, Verdict, check
from sage.redis_client import get_client

# Time for the call, for a worker that first imports the provider's library, and a margin.
WAIT_SECONDS = int(LONGEST_SECONDS) + 5
TASK = "accounts.tasks.check_key"


def request_check(provider: Provider, key: str) -> Verdict:
    """Have a worker check a key and wait for its verdict. Raises `ServiceUnavailable` if no worker answers."""
    ticket = secrets.token_hex(16)
    close_idle_connections()  # frees the database connection for other requests
    try:
        current_app.send_task(
            TASK, [ticket, provider.value, encrypt(key)], queue="high", retry=False, expires=WAIT_SECONDS
        )
        reply = get_client(settings.REDIS_URL, WAIT_SECONDS + 5).blpop([_reply_key(ticket)], timeout=WAIT_SECONDS)
    except (BrokerUnavailable, RedisError, OSError) as error:
        raise ServiceUnavailable(
            "Keys cannot be checked right now. Nothing was changed. Try again in a moment."
        ) from error
    if not isinstance(reply, tuple | list):
        raise ServiceUnavailable("No worker was free to check the key. Nothing was changed. Try again in a moment.")
    return Verdict(str(reply[1]))


def check_and_reply(ticket: str, provider: str, ciphertext: str) -> None:
    """Check a key and send the verdict to the page that waits. If this runs twice, the first verdict counts."""
    verdict = Verdict.UNAVAILABLE
    try:
        verdict = check(Provider(provider), decrypt(ciphertext))
    finally:
        reply_key = _reply_key(ticket)
        redis = get_client(settings.REDIS_URL, 5)
        redis.rpush(reply_key, verdict.value)
        redis.expire(reply_key, WAIT_SECONDS)


def _reply_key(ticket: str) -> str:
    return f"sage-verdict:{ticket}"
