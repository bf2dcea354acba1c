from tests.videos.diff.alignment.test_missed_runs import calibrated, learn, rounded
from tests.videos.diff.edits import film, original, other_footage, render_clip, splice
from videos.diff.alignment.corrections.equal_gaps import find_equal_gaps
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run

AROUND = [Run(0.0, 1.6, TimeMap()), Run(3.2, 6.4, TimeMap(-1.6)), Run(6.4, 8.0, TimeMap())]


def test_gaps_of_the_same_duration_and_footage_are_a_move():
    match = calibrated(0, 2, 3, 1, 4).mismatch_cost
    assert rounded(find_equal_gaps(match, AROUND)) == [(1.6, 3.2, 3.2)]


def test_gaps_of_other_footage_stay():
    replaced = splice(film()[:40], film()[80:160], other_footage(40), film()[160:])
    match = learn(original(), render_clip(replaced)).mismatch_cost
    assert find_equal_gaps(match, AROUND) == []


def test_gaps_that_show_the_same_at_another_offset_stay():
    match = calibrated(0, 2, 3, 1, 4).mismatch_cost
    three_frames_late = [Run(0.0, 1.72, TimeMap()), Run(3.32, 6.4, TimeMap(-1.6)), AROUND[2]]
    assert find_equal_gaps(match, three_frames_late) == []


def test_gaps_of_other_durations_stay():
    match = calibrated(0, 2, 3, 1, 4).mismatch_cost
    shorter = [Run(0.0, 1.7, TimeMap()), *AROUND[1:]]
    assert find_equal_gaps(match, shorter) == []


def test_without_runs_there_are_no_gaps_between_them():
    assert find_equal_gaps(calibrated(0, 2, 3, 1, 4).mismatch_cost, []) == []
