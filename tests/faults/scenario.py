"""The context of a fault scenario: seed, folder, site and log."""

import contextlib
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.faults.site import FaultSite


class Scenario:
    """One run of one scenario. `whole` is false for the slice that runs with the test suite."""

    def __init__(
        self, name: str, seed: int, whole: bool, verbose: bool = True, shared: Callable[[], FaultSite] | None = None
    ) -> None:
        self.name, self.seed, self.whole, self.verbose = name, seed, whole, verbose
        self.shared = shared
        self.random = random.Random(f"{name} {seed}")
        self.folder = Path(tempfile.mkdtemp(prefix=f"sage-faults-{name}-"))
        self.began = time.monotonic()
        self.lines: list[str] = []
        self.failures: list[str] = []

    def select(self, whole: int, slice_: int) -> int:
        """Return the first number for a whole run and the second for the slice."""
        return whole if self.whole else slice_

    def log(self, line: str) -> None:
        """Record and print one line about an action or a result."""
        self.lines.append(line)
        if self.verbose:
            print(f"{self.name:>10} │ {time.monotonic() - self.began:5.0f} s  {line}", flush=True)  # noqa: T201 - output of `make faults`

    def check(self, holds: object, failure: str) -> bool:
        """Record a failure if the condition is false, and continue."""
        if not holds:
            self.failures.append(failure)
            self.log(f"FAILED: {failure}")
        return bool(holds)

    @contextlib.contextmanager
    def open_site(self) -> Iterator[FaultSite]:
        """Return a running, empty site. Scenarios of the slice share one."""
        if self.shared:
            site = self.shared()
            site.empty()
            yield site
        else:
            with self.open_own_site() as site:
                yield site

    @contextlib.contextmanager
    def open_own_site(self, name: str = "site", **environment: str) -> Iterator[FaultSite]:
        """Return a site of this scenario alone. Its processes end with the scenario."""
        site = FaultSite(self.folder / name, **environment)
        try:
            site.build()
            yield site
        finally:
            site.tear_down()

    def clean_up(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
