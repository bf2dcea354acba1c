"""What the page of a comparison shows: the same for its owner, for a visitor, and for a guest with a link."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.utils.http import urlencode

from videos import timeline
from videos.addresses import Addresses, Side
from videos.diff import words
from videos.diff.recut import LEAST, MOST, SAME, recut
from videos.diff.words import Segment
from videos.models import Comparison, Video
from videos.timeline import Script

VIEWS = {"side": "Side by side", "wipe": "Wipe", "overlay": "Overlay", "difference": "Difference", "flick": "Flick"}
ROWS_A_PAGE = 100
KEPT = ("view", "threshold", "wipe", "overlay", "gain", "offset_a", "offset_b")  # what links carry besides the moment
SHARES = {"low": 0.3, "medium": 0.62, "high": 1.0}
WHOLE = {"x": 0.0, "y": 0.0, "width": 1.0, "height": 1.0}
OPS = {"equal": "e", "changed": "c", "inserted": "i", "deleted": "d", "moved": "m"}

Box = dict[str, float]


@dataclass(frozen=True)
class Player:
    """One side as a template shows it. `start` is the second at which it opens."""

    side: Side
    title: str
    width: int | None
    height: int | None
    frame_rate: float | None
    duration: float | None
    start: float
    media_url: str

    @property
    def letter(self) -> str:
        return self.side.upper()


@dataclass(frozen=True)
class View:
    """A way to look at the two pictures, and its address."""

    name: str
    label: str
    href: str
    key: str
    is_current: bool


@dataclass(frozen=True)
class Still:
    """The picture of one side of a difference, the size of its frame, and boxes as fractions of that."""

    url: str
    width: int | None
    height: int | None
    regions: list[Box]


@dataclass(frozen=True)
class Difference:
    """One line of the list. `index` is the place of its segment among the stored ones; a still is None on a side that
    has no part in it."""

    index: int
    op: str
    letter: str
    severity: str
    title: str
    times: str
    distance: float | None
    share: float
    href: str
    still_a: Still | None
    still_b: Still | None


@dataclass(frozen=True)
class Dial:
    """The threshold: that of now, the one its owner keeps, and the calibrated one with its mark on the slider."""

    value: float
    saved: float
    calibrated: float
    least: float = LEAST
    most: float = MOST

    @property
    def mark(self) -> float:
        """In percent of the slider."""
        place = min(max(self.calibrated, self.least), self.most)
        return round(100 * (place - self.least) / (self.most - self.least), 2)

    @property
    def is_moved(self) -> bool:
        return abs(self.value - self.saved) > SAME

    @property
    def asked(self) -> str:
        """As addresses have it."""
        return f"{self.value:.6f}".rstrip("0")

    @property
    def is_calibrated(self) -> bool:
        return abs(self.value - self.calibrated) <= SAME


def stage(comparison: Comparison, addresses: Addresses, asked: Mapping[str, str], *, read_only: bool) -> dict[str, Any]:
    """The context of `videos/_stage.html`, and of the pages around it, for a comparison that is completed.

    `addresses` says where the media is found; `read_only` leaves out whatever writes. `asked` is the query: `t` in
    seconds of B, or of A with `side=a`; `view`, one of VIEWS; `threshold`; `list`, the page of the list; what makes no
    sense is passed over. Templates get

    - `comparison`, `script` (what is shown), `read_only`, `dial` (a Dial), `facts` (transforms in words)
    - `players`: a list of Player, A first; `views`: a list of View; `view`: the name of the current one
    - `timeline` (see videos.timeline.draw); `rows`: a page of Difference; `lengths`: how the durations differ, in words
    - `nothing`: what is said where no difference is shown
    - `data`: what the modules read, as plain types.
    """
    assert comparison.script is not None  # noqa: S101 - only completed comparisons are staged
    stored: Script = comparison.script
    wanted = asked_threshold(asked.get("threshold", ""))
    script = recut(stored, comparison.threshold if wanted is None else wanted)
    saved = stored["threshold"] if comparison.threshold is None else comparison.threshold
    dial = Dial(script["threshold"], saved, stored["threshold"])
    view = asked.get("view", "side") if asked.get("view", "side") in VIEWS else "side"
    kept = {name: asked[name] for name in KEPT if asked.get(name)}
    starts = timeline.moment(script, asked.get("t", ""), asked.get("side", "b"))
    videos: dict[Side, Video] = {"a": comparison.video_a, "b": comparison.video_b}
    differing = [segment for segment in script["segments"] if segment["op"] != "equal"]
    page = Paginator(differing, ROWS_A_PAGE).get_page(asked.get("list"))
    page.object_list = [
        difference(segment, videos, addresses, stored["transforms"], kept) for segment in page.object_list
    ]
    return {
        "comparison": comparison,
        "script": script,
        "read_only": read_only,
        "dial": dial,
        "facts": [words.transform(each) for each in stored["transforms"]],
        "players": [_player(side, video, starts[side], addresses) for side, video in videos.items()],
        "views": [
            View(name, label, _query(asked, view=name), str(key), name == view)
            for key, (name, label) in enumerate(VIEWS.items(), start=1)
        ],
        "view": view,
        "timeline": timeline.draw(stored, script, kept),
        "rows": page,
        "list_before": _query(asked, list=str(page.previous_page_number())) if page.has_previous() else "",
        "list_after": _query(asked, list=str(page.next_page_number())) if page.has_next() else "",
        "lengths": words.summary(stored),
        "nothing": words.nothing_differs(stored),
        "data": {
            **{side: _side(video, side, addresses) for side, video in videos.items()},
            "script": compact(stored, dial),
            "pictures": {side: addresses.picture(0, side) for side in videos},
            "rows_a_page": ROWS_A_PAGE,
        },
    }


def asked_threshold(asked: str) -> float | None:
    """The threshold that an address asks for; None where it asks for none that can be."""
    try:
        value = float(asked)
    except ValueError:
        return None
    return value if math.isfinite(value) and LEAST <= value <= MOST else None


def difference(
    segment: Segment,
    videos: Mapping[Side, Video],
    addresses: Addresses,
    transforms: Sequence[dict[str, Any]] = (),
    kept: Mapping[str, str] | None = None,
) -> Difference:
    """A shown segment that is not equal, in words and pictures. `kept` is what its link carries besides the moment."""

    def still(side: Side) -> Still | None:
        if not segment[side]:
            return None
        video = videos[side]
        boxes = segment["regions"] if side == "b" else [on_a(box, transforms) for box in segment["regions"]]
        return Still(_still(segment, side, video, addresses), video.width, video.height, boxes)

    severity = segment["severity"] or "low"
    return Difference(
        index=segment["index"],
        op=segment["op"],
        letter=words.LETTERS[segment["op"]],
        severity=severity,
        title=words.title(segment),
        times=words.times(segment),
        distance=segment["distance"],
        share=SHARES[severity],
        href=timeline.link(segment, "b" if segment["b"] else "a", kept or {}),
        still_a=still("a"),
        still_b=still("b"),
    )


def on_a(box: Box, transforms: Sequence[dict[str, Any]]) -> Box:
    """A box of B's frame as it lies on A's, where B was mirrored, cropped or given bars. See register.js."""
    boxes = {"a": WHOLE, "b": WHOLE}
    mirror = ""
    for transform in transforms:
        if transform["kind"] == "mirror":
            mirror = transform["value"]
        elif transform["kind"] in ("crop", "letterbox"):
            boxes[transform["value"]["side"]] = transform["value"]
    lies = {}
    for start, length, flipped in (("x", "width", "horizontal"), ("y", "height", "vertical")):
        size = box[length] / boxes["b"][length]
        place = (box[start] - boxes["b"][start]) / boxes["b"][length]
        if mirror in (flipped, "both"):
            place = 1 - place - size
        lies[start] = round(boxes["a"][start] + place * boxes["a"][length], 4)
        lies[length] = round(size * boxes["a"][length], 4)
    return lies


def _still(segment: Segment, side: Side, video: Video, addresses: Addresses) -> str:
    """The picture that the engine took, else the video's own still nearest to the middle of the segment."""
    if segment.get("picture_at"):
        return addresses.picture(segment["index"], side)
    return addresses.derived(side, video.still_within(*segment[side]))


def _player(side: Side, video: Video, start: float, addresses: Addresses) -> Player:
    return Player(
        side=side,
        title=video.title,
        width=video.width,
        height=video.height,
        frame_rate=video.frame_rate,
        duration=video.duration,
        start=start,
        media_url=addresses.file(side),
    )


def _query(asked: Mapping[str, str], **changed: str) -> str:
    return "?" + urlencode({**asked, **changed})


def compact(stored: Script, dial: Dial) -> dict[str, Any]:
    """The stored script, a row for each segment: op, a, b, distance, boxes, whether it has pictures. See recut.js."""
    return {
        "duration_a": stored["duration_a"],
        "duration_b": stored["duration_b"],
        "mode": stored.get("mode", "aligned"),
        "similarity": stored["similarity_percent"],
        "calibrated": dial.calibrated,
        "saved": dial.saved,
        "threshold": dial.value,
        "transforms": stored["transforms"],
        "segments": [
            [
                OPS[segment["op"]],
                segment["a"] or 0,
                segment["b"] or 0,
                segment["distance"],
                [[box["x"], box["y"], box["width"], box["height"]] for box in segment["regions"]] or 0,
                int(bool(segment.get("picture_at"))),
            ]
            for segment in stored["segments"]
        ],
    }


def _side(video: Video, side: Side, addresses: Addresses) -> dict[str, Any]:
    return {
        "title": video.title,
        "duration": video.duration,
        "width": video.width,
        "height": video.height,
        "file": addresses.file(side),
        "times": addresses.derived(side, "times.f64"),
        "stills": video.stills,
        "still": addresses.derived(side, "still-00000.jpg"),
        "sprites": addresses.derived(side, "sprites.vtt") if video.has_sprites else None,
        "has_sound": bool(video.metadata.get("audio_codec")),
    }
