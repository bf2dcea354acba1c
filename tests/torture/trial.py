"""What a trial is given: a seed, a place, a house to break, and a way to say what it found."""

import contextlib
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.torture.house import House


class Trial:
    """One run of one trial. `whole` is false for the slice that every test run holds."""

    def __init__(
        self, name: str, seed: int, whole: bool, loud: bool = True, shared: Callable[[], House] | None = None
    ) -> None:
        self.name, self.seed, self.whole, self.loud = name, seed, whole, loud
        self.shared = shared
        self.random = random.Random(f"{name} {seed}")
        self.folder = Path(tempfile.mkdtemp(prefix=f"sage-torture-{name}-"))
        self.began = time.monotonic()
        self.lines: list[str] = []
        self.breaches: list[str] = []

    def either(self, whole: int, slice_: int) -> int:
        """How many of something: of the whole, or of the slice."""
        return whole if self.whole else slice_

    def say(self, line: str) -> None:
        """What was done, or found, one line."""
        self.lines.append(line)
        if self.loud:
            print(f"{self.name:>10} │ {time.monotonic() - self.began:5.0f} s  {line}", flush=True)  # noqa: T201 - what `make torture` shows

    def check(self, holds: object, breach: str) -> bool:
        """Note a breach unless it holds; the trial goes on, to find all there are."""
        if not holds:
            self.breaches.append(breach)
            self.say(f"BREACH: {breach}")
        return bool(holds)

    @contextlib.contextmanager
    def house(self) -> Iterator[House]:
        """A whole site, up, answering and empty: one that the trials of a slice share, else one of this trial's own."""
        if self.shared:
            house = self.shared()
            house.empty()
            yield house
        else:
            with self.own_house() as house:
                yield house

    @contextlib.contextmanager
    def own_house(self, name: str = "house", **environment: str) -> Iterator[House]:
        """The same of this trial's own; all its processes go at the end."""
        house = House(self.folder / name, **environment)
        try:
            house.build()
            yield house
        finally:
            house.pull_down()

    def clear_up(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
