"""Fast footage, and conversions of its frame rate that mix adjacent frames. Frames are luma or RGB."""

import numpy as np

CELLS_PER_FRAME = 2  # of the pan


def fast_pan(count: int, seed: int = 1) -> np.ndarray:
    """Return luma (count, 36, 64) of a pan over a pattern, by two cells per frame."""
    rng = np.random.default_rng(seed)
    wide = np.kron(rng.integers(30, 220, (9, (CELLS_PER_FRAME * count + 64) // 4 + 2)), np.ones((4, 4)))
    return np.stack([wide[:, CELLS_PER_FRAME * at : CELLS_PER_FRAME * at + 64] for at in range(count)]).astype(np.uint8)


def blend(frames: np.ndarray, ratio: float) -> np.ndarray:
    """Return the frames at `ratio` times their rate, each a mix of the two nearest frames."""
    at = np.arange(int(len(frames) * ratio)) / ratio
    low = at.astype(int)
    share = (at - low).reshape(-1, *[1] * (frames.ndim - 1))
    following = frames[(low + 1).clip(0, len(frames) - 1)]
    return np.rint(frames[low] * (1 - share) + following * share).astype(np.uint8)


def pull_down(frames: np.ndarray) -> np.ndarray:
    """Return five frames for each four, by 2:3 pulldown: the third and the fourth are woven from two frames."""
    first, second, third, fourth = (frames[place : len(frames) // 4 * 4 : 4] for place in range(4))
    shown = np.stack([first, second, second, third, fourth], axis=1)
    shown[:, 2, 1::2], shown[:, 3, 1::2] = third[:, 1::2], fourth[:, 1::2]
    return shown.reshape(-1, *frames.shape[1:])
