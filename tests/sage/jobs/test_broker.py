import shutil
import subprocess

import pytest
from kombu import Connection
from kombu.simple import SimpleQueue

from sage.celery import app
from sage.processes.embedded import Embedded, celery_url
from tests.servers import wait_until


@pytest.fixture
def valkey(tmp_path):
    """Run a Valkey that the test may kill, and return its URL for Celery and its process."""
    embedded = Embedded(tmp_path, postgres=False, valkey=True)
    embedded.make_socket_dir()
    process = subprocess.Popen(embedded.valkey_command(), stdout=subprocess.DEVNULL)
    try:
        wait_until(embedded.valkey_answers)
        yield celery_url(embedded.redis_url()), process
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(embedded.socket_dir)


def _send(url):
    with Connection(url, transport_options=app.conf.broker_transport_options) as connection:
        SimpleQueue(connection, "test").put({})


@pytest.mark.parametrize("settle", ["ack", "reject", "requeue"])
def test_a_message_can_be_settled_after_the_loss_of_its_server(valkey, settle):
    url, process = valkey
    _send(url)
    with app.connection_for_read(url) as connection:
        message = SimpleQueue(connection.default_channel, "test").get(timeout=10)
        process.kill()
        process.wait()

        # As the worker does it: see celery.worker.consumer.Consumer.on_connection_error_after_connected.
        connection.collect()
        connection.close()
        getattr(message, settle)()


def test_a_channel_that_failed_to_close_can_be_closed_again(valkey):
    url, process = valkey
    _send(url)
    with app.connection_for_read(url) as connection:
        channel = connection.default_channel
        SimpleQueue(channel, "test").get(timeout=10)
        process.kill()
        process.wait()
        connection.transport.client = None  # as after `collect`

        channel.close()
