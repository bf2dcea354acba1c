"""Find hard cuts while a video is decoded.

A cut is a frame that differs from the one before by much more than its neighbours do, as in the adaptive detector of
PySceneDetect (https://www.scenedetect.com), and whose picture stays. Fades and dissolves are no hard cuts.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

MIN_CHANGE = 5.0  # levels of 255 of mean change in luma and colour
MIN_RATIO = 3.0  # to the mean change of the neighbours
STILL_CHANGE = 1.0  # levels that are added to the change of the neighbours, which is 0 in a still picture
NEIGHBOURS = 5  # frames on each side
FLASH_FRAMES = 3  # a picture that lasts no longer than this is a flash or a glitch, not a shot
MIN_KEPT_CHANGE = 0.5  # share of the change that is left after a flash would have ended
MAX_SHOTS = 5000  # beyond it, only the clearest cuts are kept


class ShotDetector:
    """Collect the changes between frames, 8 bytes per frame, and find the cuts at the end."""

    def __init__(self) -> None:
        self._seconds: list[float] = []
        self._changes: list[NDArray[np.float32]] = []  # from the frame before
        self._kept: list[NDArray[np.float32]] = []  # from the frame before a flash that would end here
        self._last: NDArray[np.int16] | None = None  # the pictures of the last frames, (up to FLASH_FRAMES + 1, cells)

    def add(self, seconds: list[float], records: NDArray[np.void]) -> None:
        """Add the next frames with their fingerprint records (frames,) at rising `seconds`."""
        count = len(records)
        pictures = np.concatenate(
            [records["luma"].reshape(count, -1), np.repeat(records["chroma"].reshape(count, -1), 4, axis=1)], axis=1
        ).astype(np.int16)
        if self._last is None:
            self._last = np.repeat(pictures[:1], FLASH_FRAMES + 1, axis=0)
        known = np.concatenate([self._last, pictures])
        self._changes.append(_measure_change(known[FLASH_FRAMES:-1], pictures))
        self._kept.append(_measure_change(known[:count], pictures))
        self._last = known[-(FLASH_FRAMES + 1) :]
        self._seconds += seconds

    def find_shots(self) -> list[float]:
        """Return the start of each shot in seconds, beginning with 0."""
        if not self._seconds:
            return []
        changes, kept = np.concatenate(self._changes), np.concatenate(self._kept)
        padded = np.pad(changes, NEIGHBOURS, mode="reflect" if len(changes) > NEIGHBOURS else "edge")
        around = sliding_window_view(padded, 2 * NEIGHBOURS + 1)
        others = (around.sum(axis=1) - changes) / (2 * NEIGHBOURS)
        ratio = changes / (others + STILL_CHANGE)
        after = np.concatenate([kept[FLASH_FRAMES:], changes[-FLASH_FRAMES:]])[: len(kept)]
        stays = np.minimum(kept, after) >= MIN_KEPT_CHANGE * changes
        is_cut = (changes >= MIN_CHANGE) & (ratio >= MIN_RATIO) & stays
        is_cut[0] = False
        [cuts] = np.nonzero(is_cut)
        if len(cuts) >= MAX_SHOTS:
            cuts = np.sort(cuts[np.argsort(ratio[cuts])[-(MAX_SHOTS - 1) :]])
        return [0.0] + [round(self._seconds[cut], 3) for cut in cuts.tolist()]


def _measure_change(before: NDArray[np.int16], after: NDArray[np.int16]) -> NDArray[np.float32]:
    change: NDArray[np.float32] = np.abs(after - before).mean(axis=1, dtype=np.float32)
    return change
