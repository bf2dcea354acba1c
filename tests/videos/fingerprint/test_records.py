import numpy as np

from tests import footage
from videos.fingerprint.format import RECORD
from videos.fingerprint.records import FRAMES_PER_BATCH, RecordBuilder, summarise_frames
from videos.media.demux import find_video_stream, open_container
from videos.media.frames import decode_frames


def define_record(luma: np.ndarray, chroma: np.ndarray) -> np.ndarray:
    """Return the record of one small picture by its definition."""
    blocks = luma.reshape(36, 4, 64, 4).astype(float)
    variance = np.square(blocks).mean(axis=(1, 3)) - np.square(blocks.mean(axis=(1, 3)))
    record = np.zeros((), RECORD)
    record["luma"] = np.rint(blocks.mean(axis=(1, 3)))
    record["detail"] = np.rint(16 * np.log2(1 + variance.reshape(18, 2, 32, 2).mean(axis=(1, 3))))
    record["chroma"] = np.rint(chroma.reshape(2, 9, 8, 16, 8).mean(axis=(2, 4)))
    return record


def test_a_record_matches_its_definition():
    rng = np.random.default_rng(5)
    summary = RecordBuilder(FRAMES_PER_BATCH)
    for most in (2, 16, 200, 256):
        luma, chroma = (
            rng.integers(0, most, (FRAMES_PER_BATCH, *size), np.uint8) for size in ((144, 256), (2, 72, 128))
        )
        records = summary.build(luma, chroma)
        assert all(record == define_record(*planes) for record, *planes in zip(records, luma, chroma, strict=True))


def test_black_and_white_keep_their_levels():
    luma = np.zeros((1, 144, 256), np.uint8)
    luma[:, 72:] = 255
    record = RecordBuilder(1).build(luma, np.full((1, 2, 72, 128), 255, np.uint8))[0]
    assert record["luma"][:18].max() == 0
    assert record["luma"][18:].min() == 255
    assert record["chroma"].min() == 255
    assert record["detail"].max() == 0


def test_frames_come_in_order_for_any_number_of_frames():
    with open_container(str(footage.clip("some", lambda: footage.scene(2 * FRAMES_PER_BATCH + 3)))) as container:
        frames = list(decode_frames(container, find_video_stream(container)))
    seen: list[float] = []
    blocks = list(summarise_frames(frames, lambda seconds, frame, luma: seen.append(seconds)))
    assert [len(records) for _, records in blocks] == [FRAMES_PER_BATCH, FRAMES_PER_BATCH, 3]
    assert seen == [time for time, _ in frames] == [time for times, _ in blocks for time in times]
    alone = [next(summarise_frames([each], lambda *shown: None))[1][0] for each in frames]
    assert all(np.concatenate([records for _, records in blocks]) == np.array(alone))
