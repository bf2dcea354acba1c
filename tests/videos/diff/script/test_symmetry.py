from tests.videos.diff.fingerprints import fingerprint, scenery
from videos.diff.script.edit_script import MatchedSegment, OneSidedSegment
from videos.diff.script.kinds import ChangeKind
from videos.diff.script.symmetry import comes_second, mirror_segments

A, B = fingerprint(scenery(100)), fingerprint(scenery(100, seed=2))


def test_the_same_video_comes_second_in_either_order():
    assert comes_second(A, B) != comes_second(B, A)
    assert not comes_second(A, A)


def test_the_shorter_video_comes_first():
    short = fingerprint(scenery(60))
    assert comes_second(A, short)
    assert not comes_second(short, A)


def test_a_mirrored_script_is_in_order_of_its_own_b():
    script = [
        MatchedSegment("equal", (0.0, 2.0), (0.0, 2.0), picture_at=(1.0, 1.1)),
        OneSidedSegment("b", (2.0, 3.0), (None, 2.5)),
        MatchedSegment("equal", (3.0, 6.0), (3.0, 6.0), picture_at=(4.0, 4.0)),
        MatchedSegment("moved", (2.0, 3.0), (6.0, 7.0), picture_at=(2.5, 6.5)),
        OneSidedSegment("a", (6.0, 7.0), (6.5, None)),
    ]
    mirrored = mirror_segments(script)
    assert [(segment.op, *segment.spans) for segment in mirrored] == [
        ("equal", (0.0, 2.0), (0.0, 2.0)),
        ("deleted", (2.0, 3.0), None),
        ("moved", (6.0, 7.0), (2.0, 3.0)),
        ("equal", (3.0, 6.0), (3.0, 6.0)),
        ("inserted", None, (6.0, 7.0)),
    ]
    assert [segment.picture_at for segment in mirrored[:3]] == [(1.1, 1.0), (2.5, None), (6.5, 2.5)]


def test_kinds_are_mirrored():
    kinds = ("text_or_logo_added", "softer", "regraded")
    script = [
        MatchedSegment("changed", (at, at + 1.0), (at, at + 1.0), 0.3, kind=ChangeKind(name, 0.8))
        for at, name in enumerate(kinds)
    ]
    mirrored = mirror_segments(script)
    assert [segment.kind.name for segment in mirrored] == ["text_or_logo_removed", "sharper", "regraded"]
    assert mirror_segments(mirrored) == script
