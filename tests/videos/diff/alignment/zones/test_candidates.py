from dataclasses import replace

import pytest

from tests.videos.diff.alignment.test_missed_runs import calibrated, learn
from tests.videos.diff.edits import RATE, film, original, other_footage, render_clip, splice
from videos.diff.alignment.evidence.mismatch_cost import UNMATCHED_COST
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.candidates import build_zone, collect_candidates, sum_cost
from videos.diff.alignment.zones.runs import find_frames

FRAME = 1 / RATE


def test_a_zone_may_follow_the_maps_of_its_runs_and_those_on_which_a_piece_matches():
    match = learn(original(), render_clip(splice(film()[:60], film()[85:97], film()[140:])))
    runs = [Run(0.0, 2.4, TimeMap()), Run(5.6, 8.0, TimeMap(-2.72))]
    zone = build_zone(match.mismatch_cost, runs, (1.8, 6.2), [])

    candidates = collect_candidates(
        match.mismatch_cost, zone, find_frames(match.mismatch_cost.a, zone.span), [(1.8, 3.4)], 1.0
    )

    assert candidates.maps[:2] == [TimeMap(), TimeMap(-2.72)]
    assert any(each.offset == pytest.approx(-1.0, abs=FRAME) for each in candidates.maps)


def test_a_zone_may_follow_the_maps_of_rivals_in_it():
    match = calibrated(0, 1, 2, 3, 4).mismatch_cost
    rivals = [Run(3.0, 3.5, TimeMap(0.4)), Run(3.5, 4.0, TimeMap(0.01)), Run(6.0, 7.0, TimeMap(0.8))]
    zone = build_zone(match, [Run(0.0, 8.0, TimeMap())], (2.2, 5.0), [], rivals)

    candidates = collect_candidates(match, zone, find_frames(match.a, zone.span), [], 1.0)

    assert candidates.maps == [TimeMap(), TimeMap(0.4)]


def test_graded_footage_that_ends_with_the_other_side_is_tried_there():
    graded = (film()[60:120] * 0.5 + 70).astype(film().dtype)
    new = splice(film()[120:150], film()[:60], other_footage(25), graded, film()[150:])
    match = learn(original(), render_clip(new)).mismatch_cost
    maps = [TimeMap(frames * FRAME) for frames in (30, -120, 25)]
    ends = [0.0, 60 * FRAME, 120 * FRAME, 150 * FRAME, 8.0]
    runs = [Run(ends[0], ends[1], maps[0]), Run(ends[2], ends[3], maps[1]), Run(ends[3], ends[4], maps[2])]
    zone = build_zone(match, runs, (50 * FRAME, 160 * FRAME), [])

    candidates = collect_candidates(match, zone, find_frames(match.a, zone.span), [], 1.0)

    true_offset = 55 * FRAME
    assert any(each.offset == pytest.approx(true_offset, abs=FRAME / 2) for each in candidates.maps)


def test_what_a_run_outside_of_the_zone_shows_does_not_match_again():
    match = calibrated(0, 1, 2, 3, 4).mismatch_cost
    before, after = Run(0.0, 2.4, TimeMap()), Run(4.8, 8.0, TimeMap())
    rival = Run(5.6, 7.2, TimeMap(-2.4))  # claims 3.2 to 4.8 of B, which the zone shows in its place
    spans = [build_zone(match, runs, (2.2, 5.0), []) for runs in ([before, after], [before, after, rival])]

    free, taken = (collect_candidates(match, zone, find_frames(match.a, zone.span), [], 1.0) for zone in spans)

    in_order, claimed = (each.costs[30:60, each.maps.index(TimeMap())] for each in (free, taken))
    assert in_order.max() < UNMATCHED_COST
    assert claimed.min() == 1


def test_a_return_to_the_map_of_another_run_costs_less_than_another_jump():
    whole = film()
    pieces = [(110, 140), (0, 40), (60, 90), (40, 60), (90, 110), (140, 200)]  # of which the fifth follows the second
    new = splice(other_footage(25), *(whole[low:high] for low, high in pieces))
    match = learn(original(), render_clip(new)).mismatch_cost
    kept, moved, far = (
        Run(low * FRAME, high * FRAME, TimeMap(frames * FRAME))
        for low, high, frames in ((0, 40, 55), (60, 90, 35), (110, 140, -85))
    )
    zones = [build_zone(match, runs, (80 * FRAME, 120 * FRAME), []) for runs in ([moved, far], [kept, moved, far])]

    without, returning = (
        collect_candidates(match, zone, find_frames(match.a, zone.span), [(140 * FRAME, 170 * FRAME)], 1.0)
        for zone in zones
    )

    [place] = [place for place, each in enumerate(without.maps) if abs(each.offset - 55 * FRAME) < FRAME / 2]
    assert returning.maps == without.maps
    assert returning.prices[place] < without.prices[place]


def test_a_run_at_another_speed_that_continues_beyond_a_zone_has_no_price():
    match = calibrated(0, 1, 2, 3, 4).mismatch_cost
    slower = [Run(2.4, 4.8, TimeMap(0.6, 0.95))]
    runs = [Run(0.0, 2.4, TimeMap()), *slower, Run(4.8, 8.0, TimeMap())]
    zone = build_zone(match, runs, (2.2, 5.0), [])
    candidates = collect_candidates(match, zone, find_frames(match.a, zone.span), [], 1.0)
    continued = replace(zone, before=Run(0.0, 2.2, slower[0].time_map))
    inside = [Run(2.2, 2.4, TimeMap()), *slower, Run(4.8, 5.0, TimeMap())]

    cost, less = (sum_cost(match, each, inside, candidates, 1.0) for each in (zone, continued))

    assert cost - less == pytest.approx(candidates.price_of(slower[0]))


def test_a_run_that_ends_where_a_zone_begins_keeps_its_price():
    match = calibrated(0, 1, 2, 3, 4).mismatch_cost
    zone = build_zone(match, [Run(0.0, 4.0, TimeMap())], (3.0, 5.0), [])
    candidates = collect_candidates(match, zone, find_frames(match.a, zone.span), [], 1.0)

    ended, alone = (sum_cost(match, each, [], candidates, 1.0) for each in (zone, replace(zone, before=None)))

    assert ended - alone == pytest.approx(candidates.price_of(Run(0.0, 4.0, TimeMap())))


def test_a_run_that_matches_badly_leaves_a_gap_to_the_map_on_which_its_sides_begin_together():
    match = calibrated(0, 1, 2, 3, 4).mismatch_cost
    runs = [Run(0.0, 2.4, TimeMap()), Run(2.4, 4.0, TimeMap(0.8)), Run(4.8, 8.0, TimeMap())]
    zone = build_zone(match, runs, (2.2, 5.0), [(3.2, 4.8)])

    candidates = collect_candidates(match, zone, find_frames(match.a, zone.span), [], 1.0)

    assert zone.sound == [Run(2.2, 2.4, TimeMap()), Run(4.8, 5.0, TimeMap())]
    assert any(each.offset == pytest.approx(0.0, abs=FRAME) for each in candidates.maps)
