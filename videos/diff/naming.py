"""What is said of transforms of a whole video, from A to B and back."""

from collections.abc import Iterator

from videos.diff.grading import Grade
from videos.diff.view import Geometry

Told = dict[str, object]  # `kind` and `value`, as transforms.alike says


def named(geometry: Geometry) -> Iterator[Told]:
    """What a geometry stands for; nothing where the files are looked at as they are."""
    if geometry.across or geometry.down:
        both = geometry.across and geometry.down
        yield {"kind": "mirror", "value": "both" if both else "horizontal" if geometry.across else "vertical"}
    for side, box, barred in (("a", geometry.a, geometry.a_barred), ("b", geometry.b, geometry.b_barred)):
        if not box.is_whole:
            yield {"kind": "letterbox" if barred else "crop", "value": {"side": side, **box.as_dict()}}


def mirrored_told(told: list[Told]) -> list[Told]:
    """The same transforms told from B to A."""
    return [{"kind": each["kind"], "value": _mirrored_value(each["value"])} for each in told]


def _mirrored_value(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return (
        {**value, "side": "a" if value["side"] == "b" else "b"} if "side" in value else Grade(**value).inverse.as_dict()
    )
