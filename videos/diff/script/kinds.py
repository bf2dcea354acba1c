"""The kinds of a change: what it did to the picture."""

from dataclasses import dataclass
from typing import get_args

from videos.diff.script.stored import KindName

KINDS: tuple[KindName, ...] = get_args(KindName)
OTHER: KindName = "other"  # a change of which nothing more is sure
MIN_CONFIDENCE = 0.5  # confidence; a kind with less is not named

# Kinds of A against B that have no name of their own, since only what B became is named.
UNNAMED = {kind: f"not_{kind}" for kind in ("pixelated", "noisier", "frozen", "grey")}
ALL_KINDS = (*KINDS, *UNNAMED.values())

_PAIRS = {"text_or_logo_added": "text_or_logo_removed", "softer": "sharper", **UNNAMED}
_MIRRORED = {**_PAIRS, **{mirrored: kind for kind, mirrored in _PAIRS.items()}}


@dataclass(frozen=True, slots=True)
class ChangeKind:
    """The kind of a change and the confidence in it, from 0 to 1."""

    name: str
    confidence: float

    @property
    def stored(self) -> tuple[KindName, float] | tuple[None, None]:
        """The name and the confidence as a script stores them: None if the kind has no name of its own."""
        return (self.name, self.confidence) if self.name in KINDS else (None, None)

    def mirror(self) -> "ChangeKind":
        """Return the kind of the same change from B to A."""
        return ChangeKind(mirror_kind(self.name), self.confidence)


def mirror_kind(name: str) -> str:
    """Return the name of a kind when A and B are swapped."""
    return _MIRRORED.get(name, name)


def rate_measure(value: float, limits: tuple[float, float]) -> float:
    """Return 0 at the doubtful limit, 1 at the sure one, and the share of the way between them."""
    doubtful, sure = limits
    return min(1.0, max(0.0, (value - doubtful) / (sure - doubtful)))
