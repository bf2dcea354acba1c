import sys

import pytest

from sage.processes import child as child_module
from sage.processes.child import FAILED_STARTS, LONGEST_RESTART_SECONDS, Child
from tests.servers import wait_until


@pytest.fixture
def start():
    """Return a function that starts a child which runs Python code."""
    started = []

    def start(code="import time; time.sleep(600)", **options):
        child = Child("web", [sys.executable, "-c", code], **options)
        child.start(0)
        started.append(child)
        return child

    yield start
    for child in started:
        child.process.kill()
        child.process.wait(60)


def fail_to_start(child, times):
    """Kill the child and start it again, without waiting for the delays. Return the delays in seconds."""
    delays = []
    for _ in range(times):
        child.process.kill()
        child.process.wait(60)
        child.update()
        delays.append(child.restart_seconds)
        child.start(0)
    return delays


def test_the_delay_doubles_with_each_failed_start_in_a_row(start):
    delays = fail_to_start(start(answers=lambda: False), 12)

    assert delays[:4] == [0.3, 0.6, 1.2, 2.4]
    assert delays[-1] == LONGEST_RESTART_SECONDS


def test_a_child_that_never_becomes_ready_is_given_up(start):
    child = start(answers=lambda: False)

    fail_to_start(child, FAILED_STARTS - 1)
    assert not child.is_hopeless
    fail_to_start(child, 1)
    assert child.is_hopeless


def test_a_child_that_was_ready_is_never_given_up(start):
    answers = [True]
    child = start(answers=lambda: answers[0])
    child.update()
    answers[0] = False

    fail_to_start(child, 3 * FAILED_STARTS)

    assert not child.is_hopeless


def test_becoming_ready_resets_the_delay(start):
    answers = [False]
    child = start(answers=lambda: answers[0])
    fail_to_start(child, 4)
    answers[0] = True
    child.update()

    assert fail_to_start(child, 1) == [0.3]


def test_a_child_without_a_check_is_ready_after_some_time(start, monkeypatch):
    child = start()
    child.update()
    assert not child.is_ready

    monkeypatch.setattr(child_module, "STEADY_SECONDS", 0)
    child.update()

    assert child.is_ready


def test_hidden_lines_are_not_relayed(start, capsys):
    child = start("print('a 57P03 starting up'); print('shown')", hidden=" 57P03 ")
    child.process.wait(60)

    output = ""

    def is_relayed():
        nonlocal output
        output += capsys.readouterr().out
        return "shown" in output

    wait_until(is_relayed)
    assert output == "     web │ shown\n"
