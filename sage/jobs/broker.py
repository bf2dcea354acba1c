"""Let a worker survive the loss of Valkey while it holds messages.

Celery's messages are hints here: the sweep queues every open job again. So a channel that is closed need not put its
unacknowledged messages back, and a task that ends later need not acknowledge its message. Kombu 5.7 does both through
the closed channel, and the AttributeError that this raises ends the worker.
"""

from kombu.transport import redis


class HintChannel(redis.Channel):
    """A channel that leaves unacknowledged messages alone once it is closed."""

    do_restore = False

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        if not self.closed:
            super().basic_ack(delivery_tag, multiple)

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        if not self.closed:
            super().basic_reject(delivery_tag, requeue)


def install() -> None:
    """Use HintChannel for all connections of this process. A URL with the scheme redis names no transport class."""
    redis.Transport.Channel = HintChannel
