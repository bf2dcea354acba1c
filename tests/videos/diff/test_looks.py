import numpy as np

from tests import footage
from videos.diff.fingerprint import RECORD
from videos.diff.looks import AT_ONCE, Summary, summed_up
from videos.media.frames import decode
from videos.media.opening import open_container, video_stream


def plainly(luma: np.ndarray, chroma: np.ndarray) -> np.ndarray:
    """The record of one small picture, as it is defined."""
    blocks = luma.reshape(36, 4, 64, 4).astype(float)
    variance = np.square(blocks).mean(axis=(1, 3)) - np.square(blocks.mean(axis=(1, 3)))
    record = np.zeros((), RECORD)
    record["luma"] = np.rint(blocks.mean(axis=(1, 3)))
    record["detail"] = np.rint(16 * np.log2(1 + variance.reshape(18, 2, 32, 2).mean(axis=(1, 3))))
    record["chroma"] = np.rint(chroma.reshape(2, 9, 8, 16, 8).mean(axis=(2, 4)))
    return record


def test_a_record_is_what_its_definition_says():
    rng = np.random.default_rng(5)
    summary = Summary(AT_ONCE)
    for most in (2, 16, 200, 256):
        luma, chroma = (rng.integers(0, most, (AT_ONCE, *size), np.uint8) for size in ((144, 256), (2, 72, 128)))
        records = summary.of(luma, chroma)
        assert all(record == plainly(*planes) for record, *planes in zip(records, luma, chroma, strict=True))


def test_black_and_white_keep_their_levels():
    luma = np.zeros((1, 144, 256), np.uint8)
    luma[:, 72:] = 255
    record = Summary(1).of(luma, np.full((1, 2, 72, 128), 255, np.uint8))[0]
    assert record["luma"][:18].max() == 0
    assert record["luma"][18:].min() == 255
    assert record["chroma"].min() == 255
    assert record["detail"].max() == 0


def test_frames_come_in_order_whatever_their_number():
    with open_container(str(footage.clip("some", lambda: footage.scene(2 * AT_ONCE + 3)))) as container:
        frames = list(decode(container, video_stream(container)))
    seen: list[float] = []
    blocks = list(summed_up(frames, lambda seconds, frame, luma: seen.append(seconds)))
    assert [len(records) for _, records in blocks] == [AT_ONCE, AT_ONCE, 3]
    assert seen == [time for time, _ in frames] == [time for times, _ in blocks for time in times]
    alone = [next(summed_up([each], lambda *shown: None))[1][0] for each in frames]
    assert all(np.concatenate([records for _, records in blocks]) == np.array(alone))
