"""The demo's one true concentration of complaints is found; its decoys are not."""

import numpy as np
import pytest
import shapely

from geo import cells, hotspots
from geo.hotspots import Verdict
from gpmb.management.demo import troubles
from gpmb.management.demo.city import City

YEAR = 365


@pytest.fixture(scope="module")
def run(full_city: City) -> tuple[hotspots.Run, list[set[str]]]:
    """The last year of the city: one household a case, where its first taking lies."""
    cases = full_city.held.cases
    today = full_city.as_of.toordinal()
    points = shapely.get_coordinates(shapely.centroid(full_city.land.taken))
    first = np.array([case.takings[0] for case in cases])
    noticed = np.array([life.moves[0][1] <= today for life in full_city.lives])
    raised = np.zeros(len(cases), bool)
    for letter in full_city.complaints:
        if letter.case is not None and letter.first is None and letter.received > today - YEAR:
            raised[letter.case] = True
    q, r = cells.cell_of(*points[first][noticed].T)
    pairs, row = np.unique(np.column_stack([q, r]), axis=0, return_inverse=True)
    row = row.ravel()
    tested = hotspots.find(*pairs.T, np.bincount(row), np.bincount(row, raised[noticed]))
    codes = np.array([full_city.projects[case.project].code for case in cases])[noticed]
    return tested, [set(codes[row == i].tolist()) for i in range(len(pairs))]


def test_the_true_concentration_is_found_and_nothing_else(run):
    tested, codes = run
    assert tested.verdict is Verdict.HOT
    hot = [set().union(*(codes[i] for i in area)) for area in hotspots.areas(tested)]
    assert len(hot) == 1
    assert troubles.TRUE_IN in hot[0]


def test_many_signatures_in_few_letters_and_repeats_are_no_concentration(run):
    tested, codes = run
    decoy = [i for i, inside in enumerate(codes) if troubles.DECOY_IN in inside]
    assert decoy
    assert not tested.windows.hot[np.isin(tested.windows.cell, decoy)].any()
