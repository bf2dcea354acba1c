"""Types of an edit script as it is stored in JSON: what the comparison returns and every reader takes.

Times are seconds, spans are `[start, end]`, half-open. Boxes are fractions of the displayed frame, from the top left.
"""

from typing import Literal, NotRequired, TypedDict, get_args

Op = Literal["equal", "changed", "inserted", "deleted", "moved"]
OPS: tuple[Op, ...] = get_args(Op)
TEXT_OPS = ("changed", "inserted", "deleted")  # of spoken words and of text on screen
Severity = Literal["low", "medium", "high"]
KindName = Literal[
    "text_or_logo_added",
    "text_or_logo_removed",
    "text_changed",
    "replaced",
    "regraded",
    "softer",
    "sharper",
    "noisier",
    "pixelated",
    "mirrored",
    "reframed",
    "negated",
    "grey",
    "frozen",
    "retimed",
    "transition",
    "glitch",
    "dropped_frames",
    "doubled_frames",
    "other",
]
StoredSpan = list[float]
SideName = Literal["a", "b"]

SIDES: tuple[SideName, SideName] = ("a", "b")


class StoredBox(TypedDict):
    """A box in fractions of a frame."""

    x: float
    y: float
    width: float
    height: float


class StoredRegion(StoredBox):
    """A box in fractions of B's frame.

    `keyframes` are those of a change that moves: the second of B, x, y, width and height. The box is their union then.
    """

    keyframes: NotRequired[list[list[float]]]


class StoredSegment(TypedDict):
    """What happened to a span of A and of B. A span is None if the side has no part in the segment.

    `also_at`: the second at which the side without a part shows the same footage elsewhere, if it does. `kind` is what
    happened to the picture and `confidence` how sure that is, from 0 to 1; None if it is doubtful or nothing differs. A
    script that is shown has `other` for a doubtful kind. Older scripts lack both. `texts` is the
    text on screen in A that became another one in B, if it was read. `frames` counts the frames of a segment that
    has only a few and was deleted, inserted or moved.
    """

    op: Op
    a: StoredSpan | None
    b: StoredSpan | None
    distance: float | None
    severity: Severity | None
    kind: NotRequired[KindName | None]
    confidence: NotRequired[float | None]
    texts: NotRequired[list[str]]
    frames: NotRequired[int]
    regions: list[StoredRegion]
    picture_at: NotRequired[list[float | None]]
    also_at: NotRequired[float]


class ShownReply(TypedDict):
    """A reply to a note."""

    author: str
    text: str


class ShownNote(TypedDict):
    """A note on a comparison. `side` and `seconds` are None if it is about the whole.

    `is_comment`: whether it was written by a visitor of the share link. Its text is plain, other texts are Markdown.
    """

    side: SideName | None
    seconds: float | None
    author: str
    text: str
    done: bool
    is_comment: bool
    replies: list[ShownReply]


class ShownSegment(StoredSegment):
    """A segment at a threshold.

    `index` is the place of the first stored segment that it was joined from. `follows` is the second at which the
    segment would be on the side that lacks it; None if both sides have it. `review` and `notes` are set by
    `videos.comparisons.reviews.annotations`.
    """

    index: int
    follows: float | None
    review: NotRequired[str | None]
    notes: NotRequired[list[ShownNote]]


class FrameBox(StoredBox):
    """The part of a side's frame that shows what the other side shows."""

    side: SideName


class StoredGrade(TypedDict):
    """A change of brightness and colour: see `videos.diff.transforms.grading.Grade`."""

    gain: float
    offset: float
    saturation: float
    hue: float
    blue: float
    red: float


class MirrorTransform(TypedDict):
    """B is A mirrored."""

    kind: Literal["mirror"]
    value: Literal["horizontal", "vertical", "both"]


class GradeTransform(TypedDict):
    """B is A with other brightness or colours."""

    kind: Literal["grade"]
    value: StoredGrade


class FrameTransform(TypedDict):
    """The frame of one side is cropped, has bars that the other lacks, or shows it as a picture in picture."""

    kind: Literal["crop", "letterbox", "inset"]
    value: FrameBox


class SpeedTransform(TypedDict):
    """B runs `value` times as fast as A."""

    kind: Literal["speed"]
    value: float


class StoredWarp(TypedDict):
    """A map to the frame of `side` from the other frame: see `videos.diff.sampling.warp.Warp`.

    `angle` is in degrees clockwise. `scale` is exp(`zoom`) there.
    """

    side: SideName
    angle: float
    scale: float
    x: float
    y: float
    lens: float
    lens_2: float
    aspect: float


class WarpTransform(TypedDict):
    """B is A rotated, or with other lens distortion."""

    kind: Literal["rotation", "lens"]
    value: StoredWarp


class RecolourTransform(TypedDict):
    """B has the colours of A changed in a known way.

    `value` is `negative`, `grey`, `coloured` (A is grey), or the channels of A that are B's red, green and blue.
    """

    kind: Literal["recolour"]
    value: str


class EncodingTransform(TypedDict):
    """B shows the colours that A has if its matrix or range is mistaken for another one."""

    kind: Literal["colour_matrix", "colour_range"]
    value: str


StoredTransform = (
    MirrorTransform
    | GradeTransform
    | FrameTransform
    | SpeedTransform
    | RecolourTransform
    | EncodingTransform
    | WarpTransform
)
TRANSFORM_KINDS = (
    "grade",
    "crop",
    "letterbox",
    "inset",
    "mirror",
    "rotation",
    "lens",
    "recolour",
    "colour_matrix",
    "colour_range",
    "speed",
)


class StoredFault(TypedDict):
    """A stretch of one video that a quality check lists: see `videos.diff.quality.picture_faults`."""

    kind: str
    start: float
    end: float
    frames: int


class ScriptFacts(TypedDict):
    """What a script holds besides its segments.

    `mode` and `metric` exist in scripts of the interval mode only, `picture_faults` in those of the other mode.
    """

    duration_a: float
    duration_b: float
    transforms: list[StoredTransform]
    threshold: float
    similarity_percent: float
    total_segments: int
    differing_segments: int
    mode: NotRequired[Literal["interval"]]
    metric: NotRequired[Literal["cosine", "euclidean"]]
    picture_faults: NotRequired[dict[SideName, list[StoredFault]]]


class StoredScript(ScriptFacts):
    """A script as the comparison returned it, cut as finely as distances can be told apart."""

    segments: list[StoredSegment]


class ShownScript(ScriptFacts):
    """A script at a threshold, as `videos.diff.script.rethreshold` derives it."""

    segments: list[ShownSegment]
    notes: NotRequired[list[ShownNote]]
