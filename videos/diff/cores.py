"""Work shared out over the cores: NumPy lets go of Python's lock while it works on large arrays."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

MOST = 4  # more only wait for memory

Tick = Callable[[float], None]  # gets the share done, and may end it all by raising

Item = TypeVar("Item")
Result = TypeVar("Result")


def cores() -> int:
    """How many this process may run on, at most MOST."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(MOST, allowed)


def shared_out(work: Callable[[Item], Result], items: Sequence[Item], tick: Tick = lambda share: None) -> list[Result]:
    """What `work` makes of each item, in their order."""
    pool = ThreadPoolExecutor(cores())
    found: list[Result] = []
    try:
        for result in pool.map(work, items):
            found.append(result)
            tick(len(found) / len(items))
    finally:
        pool.shutdown(cancel_futures=True)
    return found
