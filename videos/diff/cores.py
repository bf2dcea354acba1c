"""Work shared out over the cores, by processes that are copies of this one: threads would wait for Python's lock."""

import os
import pickle
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from select import select
from typing import Any, BinaryIO, TypeVar

MOST = 4  # more only wait for memory
GROUPS = 4  # of neighbouring items for each hand, so that one with the harder half is not waited for

Tick = Callable[[float], None]  # gets the share done, and may end it all by raising

Item = TypeVar("Item")
Result = TypeVar("Result")

_hand = False  # whether this process is one of those that were made for a while: it works alone


def cores() -> int:
    """How many this process may run on, at most MOST."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(MOST, allowed)


def shared_out(work: Callable[[Item], Result], items: Sequence[Item], tick: Tick = lambda share: None) -> list[Result]:
    """What `work` makes of each item, in their order. Results are copied: what `work` changes elsewhere is lost."""
    places = _dealt(len(items), 1 if _hand else cores())
    hands = [_Hand(work, items, mine) for mine in places[1:]]
    results: dict[int, Result] = {}
    try:
        for place in places[0] if places else []:
            results[place] = work(items[place])
            tick((len(results) + sum(hand.heard() for hand in hands)) / len(items))
        for hand in hands:
            while not hand.is_done:
                hand.wait()
                tick((len(results) + sum(one.heard() for one in hands)) / len(items))
        for hand in hands:
            results.update(hand.results())
    finally:
        for hand in hands:
            hand.end()
    return [results[place] for place in range(len(items))]


def _dealt(count: int, hands: int) -> list[list[int]]:
    """Which places each hand gets: groups of neighbours in turn."""
    size = max(1, count // (hands * GROUPS))
    dealt: list[list[int]] = [[] for _ in range(min(hands, count))]
    for place in range(count):
        dealt[place // size % len(dealt)].append(place)
    return dealt


class _Hand:
    """A copy of this process that does some of the work and tells by a byte in a pipe when an item is done."""

    def __init__(self, work: Callable[[Item], Result], items: Sequence[Item], places: list[int]) -> None:
        self._many, self._heard = len(places), 0
        self._made: BinaryIO = os.fdopen(os.memfd_create("hand"), "w+b")
        self._news, told = os.pipe()
        self._process = os.fork()
        if self._process == 0:
            os.close(self._news)
            self._work(work, items, places, told)
        os.close(told)
        os.set_blocking(self._news, False)

    def _work(self, work: Callable[[Any], Any], items: Sequence[Any], places: list[int], told: int) -> None:
        """In the copy: do it, and leave by the back door, past whatever the original would do at its end."""
        global _hand
        _hand = True
        try:
            for place in places:
                pickle.dump((place, work(items[place])), self._made, pickle.HIGHEST_PROTOCOL)
                self._made.flush()
                os.write(told, b".")
        except BaseException as problem:  # noqa: BLE001  raised again by the original
            with suppress(Exception):
                pickle.dump((-1, problem), self._made)
                self._made.flush()
        finally:
            os._exit(0)

    @property
    def is_done(self) -> bool:
        return self._process == 0

    def heard(self) -> int:
        """How many items it has done by now."""
        with suppress(BlockingIOError):
            while not self.is_done:
                news = os.read(self._news, 4096)
                self._heard += len(news)
                if not news:
                    os.waitpid(self._process, 0)
                    self._process = 0
        return self._heard

    def wait(self) -> None:
        """Until it has news."""
        select([self._news], [], [])
        self.heard()

    def results(self) -> dict[int, Any]:
        """Raises what `work` raised, and RuntimeError where the copy was killed."""
        self._made.seek(0)
        found: dict[int, Any] = {}
        for _ in range(self._many):
            try:
                place, made = pickle.load(self._made)  # noqa: S301  written by a copy of this very process
            except EOFError as problem:
                raise RuntimeError("a part of the work ended without a result") from problem
            if place < 0:
                raise made
            found[place] = made
        return found

    def end(self) -> None:
        if not self.is_done:
            with suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
            self._process = 0
        os.close(self._news)
        self._made.close()
