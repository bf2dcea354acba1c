"""Find and read lines of text in one frame with the PP-OCR models of RapidOCR.

Import this module only in workers. RapidOCR and ONNX Runtime are imported when a `TextReader` is made, because they
start threads, which the sandbox does not allow before the process is confined.
"""

import importlib.util
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videos.media.errors import MediaError

Picture = NDArray[np.uint8]  # (height, width, 3), RGB
Box = tuple[float, float, float, float]  # left, top, width and height, as fractions of the frame

DETECTION = "PP-OCRv6_det_small.onnx"
RECOGNITION = "PP-OCRv6_rec_small.onnx"
DETECTION_PIXELS = 640  # the longer side of the picture in which lines are searched; tuned on the benchmark
MIN_DETECTION_SCORE = 0.5  # of a region of text
MAX_LINES = 60  # of one frame, the largest first
MIN_HEIGHT = 0.012  # of the frame: smaller lines cannot be read at the working size
MAX_TILT = 0.2  # height of the slant of a line by its width: rotated text is not read
BATCH_SIZE = 6  # lines that are read together
# Unicode: controls, surrogates, private and unassigned characters, and formats such as marks of direction
HIDDEN_CATEGORIES = {"Cc", "Cs", "Co", "Cn", "Cf"}
MISSING = "The models that read text on screen are not installed. Install rapidocr again, then retry."


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line of text in one frame. `confidence` is from 0 to 1."""

    text: str
    box: Box
    confidence: float


class TextReader:
    """Read lines of text. The models take about 250 MB of memory."""

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or find_models()
        if not all((folder / name).is_file() for name in (DETECTION, RECOGNITION)):
            raise MediaError(MISSING)
        import cv2
        from rapidocr import RapidOCR

        cv2.setNumThreads(1)
        self._engine = RapidOCR(
            params={
                "Global.log_level": "error",
                "Global.use_cls": False,
                "Det.model_path": str(folder / DETECTION),
                "Det.limit_type": "max",
                "Det.limit_side_len": DETECTION_PIXELS,
                "Det.box_thresh": MIN_DETECTION_SCORE,
                "Rec.model_path": str(folder / RECOGNITION),
                "Rec.rec_batch_num": BATCH_SIZE,
                # One thread: decoding uses the other processors.
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )

    def find_boxes(self, picture: Picture) -> list[Box]:
        """Return the boxes of the lines in a frame, the largest first."""
        height, width = picture.shape[:2]
        found = self._engine(picture[:, :, ::-1], use_det=True, use_rec=False)
        corners: Any = getattr(found, "boxes", None)  # None if there is no text
        boxes = []
        for left_top, right_top, right_bottom, left_bottom in np.asarray(
            [] if corners is None else corners, float
        ).reshape(-1, 4, 2):
            slant = abs(right_top[1] - left_top[1])
            left, right = min(left_top[0], left_bottom[0]), max(right_top[0], right_bottom[0])
            top, bottom = min(left_top[1], right_top[1]), max(left_bottom[1], right_bottom[1])
            wide, high = right - left, bottom - top
            if wide <= 0 or high < MIN_HEIGHT * height or high > wide * 1.5 or slant > MAX_TILT * wide:
                continue
            boxes.append((left / width, top / height, wide / width, high / height))
        return sorted(boxes, key=lambda box: -box[3])[:MAX_LINES]

    def read_boxes(self, picture: Picture, boxes: Sequence[Box]) -> list[ReadLine]:
        """Return the text in each box. It is empty if there is none."""
        crops = [np.ascontiguousarray(cut_box(picture, box)[:, :, ::-1]) for box in boxes]
        if not crops:
            return []
        found = self._engine.recognize_txt(crops)
        assert found.txts is not None  # noqa: S101  it is given pictures
        return [
            ReadLine(clean_line(text), box, round(float(score), 4))
            for text, box, score in zip(found.txts, boxes, found.scores, strict=True)
        ]


def find_models() -> Path:
    """Return the folder of the models in the installed package, without importing it."""
    found = importlib.util.find_spec("rapidocr")
    if found is None or found.origin is None:
        raise MediaError(MISSING)
    return Path(found.origin).with_name("models")


def cut_box(picture: Picture, box: Box) -> Picture:
    """Return the part of a picture within a box, at least one pixel."""
    height, width = picture.shape[:2]
    left, top = min(int(box[0] * width), width - 1), min(int(box[1] * height), height - 1)
    right, bottom = round((box[0] + box[2]) * width), round((box[1] + box[3]) * height)
    return picture[max(top, 0) : max(bottom, top + 1), max(left, 0) : max(right, left + 1)]


def clean_line(text: str) -> str:
    """Return a text on one line, without characters that are invisible or change the direction of other text."""
    kept = (
        " " if letter.isspace() else letter
        for letter in text
        if letter.isspace() or unicodedata.category(letter) not in HIDDEN_CATEGORIES
    )
    return " ".join("".join(kept).split())
