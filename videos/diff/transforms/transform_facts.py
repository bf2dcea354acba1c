"""Describe transforms of a whole video as facts, from A to B and from B to A."""

from collections.abc import Iterator
from typing import Literal

import numpy as np

from videos.diff.sampling.view import Box, Geometry
from videos.diff.sampling.warp import Warp
from videos.diff.script.stored import SideName, StoredTransform, StoredWarp
from videos.diff.transforms.grading import Grade

MIN_NAMED_DEGREES = 0.4  # smaller rotations beside a lens distortion are measurement error
GREY = {"grey": "coloured", "coloured": "grey"}


def describe_geometry(geometry: Geometry) -> Iterator[StoredTransform]:
    """Yield the facts of a geometry; none if the frames are not transformed."""
    if geometry.flip_horizontal or geometry.flip_vertical:
        both = geometry.flip_horizontal and geometry.flip_vertical
        yield {"kind": "mirror", "value": "both" if both else "horizontal" if geometry.flip_horizontal else "vertical"}
    sides: tuple[tuple[SideName, Box, bool], ...] = (
        ("a", geometry.a, geometry.a_has_bars),
        ("b", geometry.b, geometry.b_has_bars),
    )
    for side, box, has_bars in sides:
        if not box.is_whole:
            kind: Literal["crop", "letterbox", "inset"] = "letterbox" if has_bars else "crop"
            yield {"kind": "inset" if geometry.is_inset else kind, "value": {"side": side, **box.as_dict()}}


def describe_warp(warp: Warp) -> StoredTransform:
    """Return the fact of a rotation or a lens distortion."""
    value: StoredWarp = {
        "side": "b",
        "angle": round(float(np.degrees(warp.angle)), 2),
        "scale": round(float(np.exp(warp.zoom)), 4),
        "x": round(warp.x, 4),
        "y": round(warp.y, 4),
        "lens": round(warp.lens, 4),
        "lens_2": round(warp.lens_2, 4),
        "aspect": round(warp.aspect, 4),
    }
    is_lens = abs(value["angle"]) < MIN_NAMED_DEGREES
    return {"kind": "lens" if is_lens else "rotation", "value": value}


def invert_facts(transforms: list[StoredTransform]) -> list[StoredTransform]:
    """Return the same transforms described from B to A."""
    return [_invert_transform(transform) for transform in transforms]


def _invert_transform(transform: StoredTransform) -> StoredTransform:
    if transform["kind"] == "grade":
        return {"kind": "grade", "value": Grade(**transform["value"]).inverse.as_dict()}
    if transform["kind"] == "crop" or transform["kind"] == "letterbox" or transform["kind"] == "inset":
        box = transform["value"]
        return {"kind": transform["kind"], "value": {**box, "side": "a" if box["side"] == "b" else "b"}}
    if transform["kind"] == "rotation" or transform["kind"] == "lens":
        warp = transform["value"]
        return {"kind": transform["kind"], "value": {**warp, "side": "a" if warp["side"] == "b" else "b"}}
    if transform["kind"] == "recolour":
        return {"kind": "recolour", "value": _invert_recolouring(transform["value"])}
    if transform["kind"] == "colour_matrix" or transform["kind"] == "colour_range":
        before, after = transform["value"].split("_to_")
        return {"kind": transform["kind"], "value": f"{after}_to_{before}"}
    return transform


def _invert_recolouring(name: str) -> str:
    if name in GREY:
        return GREY[name]
    return name if name == "negative" else "".join("rgb"[name.index(channel)] for channel in "rgb")
