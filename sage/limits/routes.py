"""Match requests by method and path."""

import dataclasses
import re


@dataclasses.dataclass(frozen=True)
class RoutePattern:
    """A regular expression that matches the whole path, for some methods or, if `methods` is empty, for all."""

    path: str
    methods: tuple[str, ...] = ()

    def matches(self, method: str, path: str) -> bool:
        return (not self.methods or method in self.methods) and re.fullmatch(self.path, path) is not None
