"""What the page of a comparison shows: the same for its owner, for a visitor, and for a guest with a link."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from videos import timeline
from videos.addresses import Addresses, Side
from videos.diff import words
from videos.models import Comparison, Video
from videos.timeline import Script


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
class Still:
    """The picture of one side of a difference, and the size that its boxes are drawn over."""

    url: str
    width: int | None
    height: int | None


@dataclass(frozen=True)
class Row:
    """A difference in words, with what shows it on either side; None on a side that has no part in it."""

    difference: timeline.Difference
    stills: dict[str, Still | None]


def stage(comparison: Comparison, addresses: Addresses, asked: Mapping[str, str], *, read_only: bool) -> dict[str, Any]:
    """The context of `videos/_stage.html`, and of the pages around it, for a comparison that is completed.

    `addresses` says where the media is found, and `read_only` leaves out whatever writes. `asked` is the query: `t` in
    seconds of B, or of A with `side=a`. Templates get

    - `comparison`, `script` (what is shown), `read_only`
    - `players`: a list of Player, A first
    - `timeline` (see videos.timeline.draw), `rows`: a list of Row, `lengths`: how the durations differ, in words
    - `data`: what the modules read, as plain types.
    """
    assert comparison.script is not None  # noqa: S101 - only completed comparisons are staged
    script: Script = comparison.script
    starts = timeline.moment(script, asked.get("t", ""), asked.get("side", "b"))
    videos: dict[Side, Video] = {"a": comparison.video_a, "b": comparison.video_b}
    return {
        "comparison": comparison,
        "script": script,
        "read_only": read_only,
        "players": [_player(side, video, starts[side], addresses) for side, video in videos.items()],
        "timeline": timeline.draw(script),
        "rows": [_row(difference, videos, addresses) for difference in timeline.differences(script)],
        "lengths": words.summary(script),
        "data": {
            **{side: _side(video, side, addresses) for side, video in videos.items()},
            "segments": [
                {name: segment[name] for name in ("op", "a", "b", "distance", "severity", "regions")}
                for segment in script["segments"]
            ],
        },
    }


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


def _row(difference: timeline.Difference, videos: dict[Side, Video], addresses: Addresses) -> Row:
    there = {"a": difference.has_a, "b": difference.has_b}
    return Row(
        difference,
        {
            side: Still(addresses.picture(difference.index, side), video.width, video.height) if there[side] else None
            for side, video in videos.items()
        },
    )


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
        "has_sound": bool(video.metadata.get("audio_codec")),
    }
