import numpy as np

from videos.diff.blocks import BLOCK_ROWS, Blocks
from videos.diff.descriptor import Indexes

KEPT = 40  # blocks
COUNT = (KEPT + 3) * BLOCK_ROWS + 5


def counted() -> tuple[Blocks, list[int]]:
    made: list[int] = []

    def rows(places: Indexes) -> np.ndarray:
        made.append(len(places))
        return np.stack([places, -places], axis=1).astype(np.float32)

    return Blocks(COUNT, 2, rows, KEPT * BLOCK_ROWS * 2 * 4), made


def test_rows_come_in_the_shape_of_the_indexes():
    wanted = np.array([[0, COUNT - 1], [BLOCK_ROWS, BLOCK_ROWS - 1]])
    found = counted()[0][wanted]
    assert found.shape == (2, 2, 2)
    assert (found[..., 0] == wanted).all()


def test_a_block_is_worked_out_once():
    blocks, made = counted()
    for _ in range(3):
        assert (blocks[np.arange(100, 200)][:, 1] == -np.arange(100, 200)).all()
    assert made == [BLOCK_ROWS]


def test_a_few_rows_do_not_cost_a_block():
    blocks, made = counted()
    blocks[np.arange(5) * BLOCK_ROWS]
    assert made == [1] * 5


def test_no_more_blocks_are_kept_than_so_many():
    blocks, made = counted()
    for start in range(0, COUNT, BLOCK_ROWS):
        blocks[np.arange(start, min(COUNT, start + BLOCK_ROWS))]
    assert len(blocks._kept) == KEPT
    made.clear()
    blocks[np.arange(BLOCK_ROWS)]
    assert made == [BLOCK_ROWS]


def test_rows_that_follow_each_other_are_read_in_place():
    blocks, _ = counted()
    found = blocks[np.arange(100, 200)]
    assert found.base is not None
    assert not found.flags.writeable


def test_rows_across_two_blocks_come_in_order():
    wanted = np.arange(BLOCK_ROWS - 40, BLOCK_ROWS + 40)
    assert (counted()[0][wanted][:, 0] == wanted).all()


def test_rows_with_gaps_and_twice_the_same_are_not_taken_for_a_stretch():
    wanted = np.array([3, 3, 5, 4, 7])
    assert (counted()[0][wanted][:, 0] == wanted).all()
