"""Corridors: the worked examples, the graph's ends, chainage on a real line."""

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.corridor import (
    CorridorBroken,
    chainage,
    cheapest_passage,
    clearance,
    marginals,
    must_clear,
)


def test_worked_example_of_the_cheapest_passage(grid):
    cost = np.zeros((2, 6))
    pending = {(0, 2): 1, (1, 2): 5, (0, 4): 2, (1, 4): 2, (0, 5): 9}
    for place, households in pending.items():
        cost[place] = households
    found = cheapest_passage(
        cost.ravel(), cost.ravel() == 0, grid(2, 6), np.array([0, 6]), np.array([5, 11])
    )
    assert found.cost == 3
    assert [divmod(int(p), 6) for p in found.parcels] == [(0, 2), (1, 4)]


def test_must_clear_parcels_are_those_without_a_way_round():
    #  0-1-2-4-5 with a way round 2 by 3; 1 and 4 are uncleared and unavoidable
    pairs = np.array([[0, 1], [1, 2], [1, 3], [2, 4], [3, 4], [4, 5]])
    cleared = np.array([True, False, False, False, False, True])
    assert must_clear(cleared, pairs, np.array([0]), np.array([5])).tolist() == [1, 4]


def test_broken_corridor_is_said():
    pairs, ends = np.array([[0, 1], [2, 3]]), (np.array([0]), np.array([3]))
    with pytest.raises(CorridorBroken):
        cheapest_passage(np.ones(4), np.zeros(4, dtype=bool), pairs, *ends)
    with pytest.raises(CorridorBroken):
        must_clear(np.zeros(4, dtype=bool), pairs, *ends)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_passages_agree_with_removing_each_parcel(grid, seed: int):
    rng = np.random.default_rng(seed)
    pairs = grid(3, 5)[rng.random(22) < 0.8]
    cost, cleared = rng.integers(1, 9, 15).astype(float), rng.random(15) < 0.4
    sources, targets = np.array([0, 5, 10]), np.array([4, 9, 14])

    def joined(allowed: set[int]) -> bool:
        seen, edge = set(), allowed & set(sources.tolist())
        while edge:
            seen |= edge
            near = [pair for pair in pairs.tolist() if edge & set(pair)]
            edge = {v for pair in near for v in pair} & allowed - seen
        return bool(seen & set(targets.tolist()))

    everyone = set(range(15))
    if not joined(everyone):
        with pytest.raises(CorridorBroken):
            must_clear(cleared, pairs, sources, targets)
        return
    needed = [v for v in range(15) if not cleared[v] and not joined(everyone - {v})]
    assert sorted(must_clear(cleared, pairs, sources, targets).tolist()) == needed
    pending = np.flatnonzero(~cleared).tolist()
    best = min(
        sum(cost[list(chosen)])
        for size in range(len(pending) + 1)
        for chosen in itertools.combinations(pending, size)
        if joined(set(np.flatnonzero(cleared).tolist()) | set(chosen))
    )
    assert cheapest_passage(cost, cleared, pairs, sources, targets).cost == pytest.approx(best)


P1, P2, P3 = (np.array([stretch], dtype=float) for stretch in ((100, 150), (140, 200), (600, 620)))


def test_worked_example_of_the_line():
    line = clearance(1000, [P1, P2, P3])
    assert line.clear_ratio == pytest.approx(0.88)
    assert np.diff(line.stretches_m, axis=1).ravel().tolist() == [100, 400, 380]
    assert line.longest_m == 400
    assert marginals(1000, [P1, P2, P3]) == [(40, 0), (50, 50), (20, 400)]
    both = clearance(1000, [P3])
    assert both.clear_ratio * 1000 - 880 == pytest.approx(100)


def test_line_clear_from_end_to_end_and_line_without_length():
    assert clearance(1000, []).clear_ratio == 1
    assert clearance(1000, [np.array([[0.0, 1000.0]])]).longest_m == 0
    assert clearance(0, []).clear_ratio is None


def test_chainage_of_parcels_along_a_bent_line():
    line = shapely.LineString([(0, 0), (100, 0), (100, 50)])
    polygons = np.array(
        [shapely.box(20, -5, 40, 5), shapely.box(90, -5, 110, 20), shapely.box(200, 0, 210, 10)]
    )
    first, bend, away = chainage(line, polygons)
    assert first.tolist() == [[20, 40]]
    assert bend.tolist() == [[90, 120]]
    assert away.shape == (0, 2)


def test_chainage_of_a_line_that_crosses_itself():
    line = shapely.LineString([(0, 0), (100, 0), (100, 50), (50, 50), (50, -50)])
    (crossing,) = chainage(line, np.array([shapely.box(45, -5, 55, 5)]))
    np.testing.assert_allclose(crossing, [[45, 55], [245, 255]])


def test_chainage_runs_on_over_the_parts_of_an_alignment():
    line = shapely.MultiLineString([[(0, 0), (100, 0)], [(150, 0), (250, 0)]])
    (second,) = chainage(line, np.array([shapely.box(160, -5, 180, 5)]))
    assert second.tolist() == [[110, 130]]
