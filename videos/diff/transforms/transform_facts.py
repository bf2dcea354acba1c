"""Describe transforms of a whole video as facts, from A to B and from B to A."""

from collections.abc import Iterator

from videos.diff.sampling.view import Geometry
from videos.diff.script.stored import StoredTransform
from videos.diff.transforms.grading import Grade


def describe_geometry(geometry: Geometry) -> Iterator[StoredTransform]:
    """Yield the facts of a geometry; none if the frames are not transformed."""
    if geometry.flip_horizontal or geometry.flip_vertical:
        both = geometry.flip_horizontal and geometry.flip_vertical
        yield {"kind": "mirror", "value": "both" if both else "horizontal" if geometry.flip_horizontal else "vertical"}
    if not geometry.a.is_whole:
        yield {"kind": "letterbox" if geometry.a_has_bars else "crop", "value": {"side": "a", **geometry.a.as_dict()}}
    if not geometry.b.is_whole:
        yield {"kind": "letterbox" if geometry.b_has_bars else "crop", "value": {"side": "b", **geometry.b.as_dict()}}


def invert_facts(transforms: list[StoredTransform]) -> list[StoredTransform]:
    """Return the same transforms described from B to A."""
    return [_invert_transform(transform) for transform in transforms]


def _invert_transform(transform: StoredTransform) -> StoredTransform:
    if transform["kind"] == "grade":
        return {"kind": "grade", "value": Grade(**transform["value"]).inverse.as_dict()}
    if transform["kind"] == "crop" or transform["kind"] == "letterbox":
        box = transform["value"]
        return {"kind": transform["kind"], "value": {**box, "side": "a" if box["side"] == "b" else "b"}}
    return transform
