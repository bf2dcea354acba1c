"""Describe the differences of a comparison, each with its texts and pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from videos.comparisons import timeline
from videos.comparisons.media_urls import MediaUrls, Side
from videos.comparisons.reviews.annotations import count_notes
from videos.comparisons.reviews.marking import format_times
from videos.comparisons.warped_regions import map_warped_region
from videos.diff.script import wording
from videos.diff.script.stored import ShownNote, ShownSegment, StoredBox, StoredTransform
from videos.models import DifferenceReview, Video

SEVERITY_SHARES = {"low": 0.3, "medium": 0.62, "high": 1.0}  # share of the severity meter that is filled
REVIEW_LABELS: dict[str | None, str] = {choice.value: str(choice.label) for choice in DifferenceReview.Review}
WHOLE_FRAME: StoredBox = {"x": 0.0, "y": 0.0, "width": 1.0, "height": 1.0}


@dataclass(frozen=True)
class DifferenceStill:
    """The picture of one side of a difference, the size of its frame, and regions as fractions of the frame."""

    url: str
    width: int | None
    height: int | None
    regions: Sequence[StoredBox]


@dataclass(frozen=True)
class DifferenceRow:
    """One row of the list of differences.

    `index` is the index of its segment in the stored script. A still is None if the segment is not on that side;
    `absence` stands in its place. `starts` are its seconds on A and B, which a review sends back. `review`, its label,
    `note_count` and `notes` need an annotated script.
    """

    index: int
    op: str
    letter: str
    severity: str
    title: str
    times: str
    distance: float | None
    share: float
    href: str
    still_a: DifferenceStill | None
    still_b: DifferenceStill | None
    absence: str
    starts: str = ""
    review: str | None = None
    review_label: str = ""
    note_count: int = 0
    notes: Sequence[ShownNote] = ()


def build_difference_row(
    segment: ShownSegment,
    videos: Mapping[Side, Video],
    urls: MediaUrls,
    transforms: Sequence[StoredTransform] = (),
    link_parameters: Mapping[str, str] | None = None,
) -> DifferenceRow:
    """Describe a segment that is not equal. Its link has the moment and `link_parameters`."""

    def build_still(side: Side) -> DifferenceStill | None:
        if not segment[side]:
            return None
        video = videos[side]
        regions: Sequence[StoredBox] = segment["regions"]
        if side == "a":
            regions = [map_region_to_a(region, transforms) for region in regions]
        return DifferenceStill(_choose_still_url(segment, side, video, urls), video.width, video.height, regions)

    severity = segment["severity"] or "low"
    return DifferenceRow(
        index=segment["index"],
        op=segment["op"],
        letter=wording.LETTERS[segment["op"]],
        severity=severity,
        title=wording.title(segment),
        times=wording.times(segment),
        distance=segment["distance"],
        share=SEVERITY_SHARES[severity],
        href=timeline.build_link(segment, "b" if segment["b"] else "a", link_parameters or {}),
        still_a=build_still("a"),
        still_b=build_still("b"),
        starts=format_times(segment),
        review=segment.get("review"),
        review_label=REVIEW_LABELS.get(segment.get("review"), ""),
        note_count=count_notes(segment),
        notes=segment.get("notes", ()),
        absence=wording.absence(segment, "B" if segment["a"] else "A"),
    )


def map_region_to_a(region: StoredBox, transforms: Sequence[StoredTransform]) -> StoredBox:
    """Map a region of B's frame to A's frame through the transforms. See `image-registration.js`."""
    frames = {"a": WHOLE_FRAME, "b": WHOLE_FRAME}
    mirror = ""
    for transform in transforms:
        if transform["kind"] == "mirror":
            mirror = transform["value"]
        elif transform["kind"] in ("crop", "letterbox", "inset"):
            frames[transform["value"]["side"]] = transform["value"]
        elif transform["kind"] == "rotation" or transform["kind"] == "lens":
            return map_warped_region(region, transform["value"])
    a, b = frames["a"], frames["b"]
    width, height = region["width"] / b["width"], region["height"] / b["height"]
    x, y = (region["x"] - b["x"]) / b["width"], (region["y"] - b["y"]) / b["height"]
    if mirror in ("horizontal", "both"):
        x = 1 - x - width
    if mirror in ("vertical", "both"):
        y = 1 - y - height
    return {
        "x": round(a["x"] + x * a["width"], 4),
        "y": round(a["y"] + y * a["height"], 4),
        "width": round(width * a["width"], 4),
        "height": round(height * a["height"], 4),
    }


def _choose_still_url(segment: ShownSegment, side: Side, video: Video, urls: MediaUrls) -> str:
    """Return the picture that the comparison took, else the video's still nearest to the middle of the segment."""
    if segment.get("picture_at"):
        return urls.picture_url(segment["index"], side)
    start, end = segment[side] or (0.0, 0.0)
    return urls.derived_url(side, video.find_still(start, end))
