import numpy as np

from videos.diff.sampling.descriptor import Indexes
from videos.diff.sampling.row_cache import BLOCK_ROWS, SHORT_ROWS, RowCache

MAX_BLOCKS = 40
COUNT = (MAX_BLOCKS + 3) * BLOCK_ROWS + 5


def make_cache(count: int = COUNT) -> tuple[RowCache, list[int]]:
    computed: list[int] = []

    def rows(places: Indexes) -> np.ndarray:
        computed.append(len(places))
        return np.stack([places, -places], axis=1).astype(np.float32)

    return RowCache(count, 2, rows, MAX_BLOCKS * BLOCK_ROWS * 2 * 4), computed


def test_rows_come_in_the_shape_of_the_indexes():
    wanted = np.array([[0, COUNT - 1], [BLOCK_ROWS, BLOCK_ROWS - 1]])
    rows_found = make_cache()[0][wanted]
    assert rows_found.shape == (2, 2, 2)
    assert (rows_found[..., 0] == wanted).all()


def test_a_block_is_computed_once():
    blocks, computed = make_cache()
    for _ in range(3):
        assert (blocks[np.arange(100, 200)][:, 1] == -np.arange(100, 200)).all()
    assert computed == [BLOCK_ROWS]


def test_a_request_for_few_rows_computes_no_block():
    blocks, computed = make_cache()
    blocks[np.arange(5) * BLOCK_ROWS]
    assert computed == [1] * 5


def test_a_request_for_few_rows_of_a_short_array_computes_its_block():
    blocks, computed = make_cache(SHORT_ROWS)
    assert (blocks[np.array([5, 9])][:, 0] == (5, 9)).all()
    assert (blocks[np.array([700])][:, 0] == 700).all()
    assert computed == [BLOCK_ROWS]


def test_the_number_of_cached_blocks_is_limited():
    blocks, computed = make_cache()
    for start in range(0, COUNT, BLOCK_ROWS):
        blocks[np.arange(start, min(COUNT, start + BLOCK_ROWS))]
    assert len(blocks._blocks) == MAX_BLOCKS
    computed.clear()
    blocks[np.arange(BLOCK_ROWS)]
    assert computed == [BLOCK_ROWS]


def test_consecutive_rows_are_returned_as_a_view():
    blocks, _ = make_cache()
    rows_found = blocks[np.arange(100, 200)]
    assert rows_found.base is not None
    assert not rows_found.flags.writeable


def test_rows_across_two_blocks_come_in_order():
    wanted = np.arange(BLOCK_ROWS - 40, BLOCK_ROWS + 40)
    assert (make_cache()[0][wanted][:, 0] == wanted).all()


def test_rows_with_gaps_and_repetitions_are_not_treated_as_a_range():
    wanted = np.array([3, 3, 5, 4, 7])
    assert (make_cache()[0][wanted][:, 0] == wanted).all()
