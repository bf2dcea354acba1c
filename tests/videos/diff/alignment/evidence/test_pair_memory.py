import numpy as np
import pytest

from videos.diff.alignment.evidence import pair_memory
from videos.diff.alignment.evidence.pair_memory import PairMemory
from videos.diff.noise.model import PairMeasures


class Meter:
    """Measures pairs by their frame numbers, and counts how many it was asked for."""

    def __init__(self):
        self.count = 0

    def __call__(self, in_a, in_b):
        self.count += len(in_a)
        return PairMeasures(*(np.asarray(value, np.float32) for value in (in_a, in_b, in_a + in_b, in_a - in_b)))


def ask(memory, meter, in_a, in_b, method="plain"):
    return memory.recall(method, np.array(in_a), np.array(in_b), meter)


def test_a_pair_is_measured_once_and_keeps_its_place():
    memory, meter = PairMemory(), Meter()
    ask(memory, meter, [1, 2, 3], [11, 12, 13])

    measures = ask(memory, meter, [3, 9, 1], [13, 19, 11])

    assert meter.count == 4
    assert [list(each) for each in measures] == [[3, 9, 1], [13, 19, 11], [16, 28, 12], [-10, -10, -10]]


def test_pairs_of_other_frames_or_measured_otherwise_are_others():
    memory, meter = PairMemory(), Meter()
    ask(memory, meter, [1], [2])
    ask(memory, meter, [2], [1])
    ask(memory, meter, [1], [2], method="graded")
    assert meter.count == 3


def test_it_forgets_everything_when_it_is_full(monkeypatch):
    monkeypatch.setattr(pair_memory, "MAX_REMEMBERED", 4)
    memory, meter = PairMemory(), Meter()
    ask(memory, meter, [1, 2, 3], [1, 2, 3])

    measures = ask(memory, meter, [3, 4, 5], [3, 4, 5])

    assert list(measures.mismatch) == [3, 4, 5]
    assert meter.count == 6
    ask(memory, meter, [4], [4])
    assert meter.count == 6


@pytest.mark.parametrize("count", [0, 1])
def test_no_pair_or_one_gives_arrays_of_that_length(count):
    assert [len(each) for each in ask(PairMemory(), Meter(), range(count), range(count))] == [count] * 4


def test_changing_what_it_returned_changes_nothing_that_it_remembers():
    memory, meter = PairMemory(), Meter()
    ask(memory, meter, [1], [2]).mismatch[:] = 7
    assert list(ask(memory, meter, [1], [2]).mismatch) == [1]
