import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from videos.diff.interval import EmbeddedVideo, compare_clips, compute_distances


def side(vectors, duration=None, starts=None):
    vectors = np.atleast_2d(np.asarray(vectors, np.float32))
    starts = np.arange(len(vectors)) * 2.0 if starts is None else np.asarray(starts, float)
    return EmbeddedVideo(duration or 2.0 * len(vectors), starts, vectors)


def compare_clips_with_loop(a, b, metric, threshold):
    """Compare clips with plain loops over times, clips and values. The intervals are half-open."""
    rows, time = [], 0
    while time < max(a.duration, b.duration) - 1e-6:
        found = []
        for one in (a, b):
            clip = None
            if time < one.duration - 1e-6:
                for start, vector in zip(one.starts, one.vectors, strict=True):
                    if start <= time + 1e-6:
                        clip = [float(value) for value in vector]
            found.append(clip)
        spans = [[time, min(time + 2, one.duration)] if clip else None for one, clip in zip((a, b), found, strict=True)]
        if None in found:
            rows.append(("inserted" if found[0] is None else "deleted", *spans, None))
        else:
            distance = measure_distance(*found, metric)
            rows.append(("changed" if distance >= threshold else "equal", *spans, distance))
        time += 2
    return rows


def measure_distance(one, other, metric):
    if metric == "euclidean":
        return math.sqrt(sum((x - y) ** 2 for x, y in zip(one, other, strict=True)))
    lengths = [math.sqrt(sum(x * x for x in vector)) for vector in (one, other)]
    if not all(lengths):
        return 0.0 if not any(lengths) else 1.0
    return 1 - sum(x * y for x, y in zip(one, other, strict=True)) / (lengths[0] * lengths[1])


@st.composite
def sides(draw):
    size = draw(st.integers(1, 6))
    created = []
    for _ in range(2):
        count = draw(st.integers(1, 12))
        numbers = st.lists(st.integers(-8, 8), min_size=size * count, max_size=size * count)
        vectors = np.array(draw(numbers), np.float32).reshape(count, size)
        duration = (count - 1) * 2 + draw(st.floats(0.04, 2.0))
        created.append(side(vectors, duration))
    return created


@given(sides(), st.sampled_from(["cosine", "euclidean"]), st.floats(0.01, 0.5))
def test_the_result_equals_that_of_a_plain_loop(pair, metric, threshold):
    script = compare_clips(*pair, metric, threshold)["segments"]
    expected = compare_clips_with_loop(*pair, metric, threshold)
    assert len(script) == len(expected)
    for segment, (op, a, b, distance) in zip(script, expected, strict=True):
        assert segment["distance"] == (None if distance is None else pytest.approx(max(0, distance), abs=1e-5))
        if distance is None or abs(distance - threshold) > 1e-5:
            assert segment["op"] == op
        assert (segment["a"], segment["b"]) == (a and pytest.approx(a, abs=2e-6), b and pytest.approx(b, abs=2e-6))


def test_distances_do_not_depend_on_the_batch_size():
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=(2, 700, 33)).astype(np.float32)
    for metric in ("cosine", "euclidean"):
        one_by_one = [compute_distances(a[i : i + 1], b[i : i + 1], metric)[0] for i in range(700)]
        assert compute_distances(a, b, metric) == pytest.approx(one_by_one, abs=1e-6)


def test_segments_of_one_side_have_no_distance():
    script = compare_clips(side([[1, 0]]), side([[1, 0], [0, 1], [0, 1]]), "cosine", 0.1)
    assert [(row["op"], row["distance"]) for row in script["segments"]] == [
        ("equal", 0.0),
        ("inserted", None),
        ("inserted", None),
    ]
    assert script["similarity_percent"] == 100


def test_similarity_is_never_below_0():
    assert compare_clips(side([[9, 0]]), side([[-9, 0]]), "euclidean", 0.1)["similarity_percent"] == 0


def test_intervals_are_half_open():
    script = compare_clips(side([[1, 0], [0, 1]]), side([[1, 0], [1, 0]]), "cosine", 0.1)
    assert [(row["op"], row["a"]) for row in script["segments"]] == [("equal", [0, 2]), ("changed", [2, 4])]


def test_the_last_interval_may_be_shorter():
    script = compare_clips(side([[1, 0], [1, 0]], duration=3.5), side([[1, 0], [1, 0]], duration=4), "cosine", 0.1)
    assert (script["segments"][-1]["a"], script["segments"][-1]["b"]) == ([2, 3.5], [2, 4])


def test_clips_of_another_length_are_matched_by_time():
    script = compare_clips(
        side([[1, 0], [0, 1]], 8, starts=[0, 4]), side([[1, 0], [1, 0], [0, 1], [0, 1]]), "cosine", 0.1
    )
    assert [row["op"] for row in script["segments"]] == ["equal"] * 4


def test_vectors_of_two_models_are_refused():
    with pytest.raises(ValueError, match="different models"):
        compare_clips(side([[1, 0]]), side([[1, 0, 0]]), "cosine", 0.1)
