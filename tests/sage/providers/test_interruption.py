import socket
import threading

import pytest

from sage.providers.interruption import Interruption, interruptible


def read_in_thread(interruption, one):
    """Read from a socket in a thread that an interruption ends. Return the errors that the thread raised."""
    errors, reading = [], threading.Event()

    def run():
        interruption.enter()
        try:
            with interruptible(one):
                reading.set()
                if not one.recv(1):
                    raise ConnectionError("The other side has left.")
        except (GeneratorExit, OSError) as error:
            errors.append(type(error))

    thread = threading.Thread(target=run)
    thread.start()
    assert reading.wait(10)
    return thread, errors


def test_a_thread_that_waits_for_bytes_is_interrupted():
    here, there = socket.socketpair()
    interruption = Interruption()
    thread, errors = read_in_thread(interruption, here)

    interruption.end()
    thread.join(10)

    assert errors == [GeneratorExit]
    assert there.recv(1) == b""
    here.close()
    there.close()


def test_other_errors_stay_what_they_are():
    here, there = socket.socketpair()
    thread, errors = read_in_thread(Interruption(), here)

    there.close()
    thread.join(10)

    assert errors == [ConnectionError]
    here.close()


def test_without_an_interruption_nothing_changes():
    with pytest.raises(ValueError, match="other"), interruptible(None):
        raise ValueError("other")
