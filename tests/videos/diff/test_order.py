from tests.videos.diff.prints import fingerprint, scenery
from videos.diff.order import mirrored, stands_second
from videos.diff.script import Segment

A, B = fingerprint(scenery(100)), fingerprint(scenery(100, seed=2))


def test_one_of_two_stands_second_whichever_comes_first():
    assert stands_second(A, B) != stands_second(B, A)
    assert not stands_second(A, A)


def test_the_shorter_one_stands_first():
    short = fingerprint(scenery(60))
    assert stands_second(A, short)
    assert not stands_second(short, A)


def test_a_mirrored_script_is_in_order_of_its_own_b():
    script = [
        (Segment("equal", (0.0, 2.0), (0.0, 2.0)), (1.0, 1.1)),
        (Segment("inserted", None, (2.0, 3.0)), (None, 2.5)),
        (Segment("equal", (3.0, 6.0), (3.0, 6.0)), (4.0, 4.0)),
        (Segment("moved", (2.0, 3.0), (6.0, 7.0)), (2.5, 6.5)),
        (Segment("deleted", (6.0, 7.0), None), (6.5, None)),
    ]
    turned = mirrored(script)
    assert [(segment.op, segment.a, segment.b) for segment, _ in turned] == [
        ("equal", (0.0, 2.0), (0.0, 2.0)),
        ("deleted", (2.0, 3.0), None),
        ("moved", (6.0, 7.0), (2.0, 3.0)),
        ("equal", (3.0, 6.0), (3.0, 6.0)),
        ("inserted", None, (6.0, 7.0)),
    ]
    assert [moments for _, moments in turned[:3]] == [(1.1, 1.0), (2.5, None), (6.5, 2.5)]
