"""The ground of the demo city: touching, never overlapping, and shaped as real cases are."""

from collections import Counter

import numpy as np
import shapely

from gpmb.management.demo.city import City
from gpmb.management.demo.ground import RESERVED

EMPTY = shapely.box(*RESERVED)


def test_wards_partition_the_city(town: City) -> None:
    outlines = np.array([ward.outline for ward in town.wards])
    assert len(outlines) == 17
    assert shapely.is_valid(outlines).all()
    assert shapely.coverage_is_valid(outlines)
    total_km2 = sum(ward.km2 for ward in town.wards)
    assert abs(shapely.area(outlines).sum() / 1e6 / total_km2 - 1) < 0.01


def test_large_wards_have_about_their_published_area(town: City) -> None:
    for ward in town.wards:
        if ward.km2 > 25:
            assert abs(ward.outline.area / 1e6 / ward.km2 - 1) < 0.1, ward.name


def test_reserved_rectangle_lies_in_hai_hoa(town: City) -> None:
    hai_hoa = next(ward for ward in town.wards if ward.code == "06742")
    assert hai_hoa.outline.contains(EMPTY)


def test_island_wards_stand_apart(town: City) -> None:
    island = [w.outline for w in town.wards if w.code in ("06754", "06757")]
    mainland = shapely.union_all([w.outline for w in town.wards if w.outline not in island])
    assert island[0].touches(island[1])
    assert shapely.union_all(island).distance(mainland) > 500


def test_parcels_are_valid_and_share_every_vertex(full_city: City) -> None:
    assert shapely.is_valid(full_city.land.boundary).all()
    assert shapely.coverage_is_valid(full_city.land.boundary)


def test_parts_taken_lie_inside_their_parcels(full_city: City) -> None:
    land = full_city.land
    partly = land.taken != land.boundary
    assert partly.sum() > 300
    outside = shapely.area(shapely.difference(land.taken[partly], land.boundary[partly]))
    assert outside.max() < 0.01
    assert (land.taken_m2 <= land.area_m2 + 0.05).all()


def test_nothing_is_in_the_rectangle_left_for_real_input(full_city: City) -> None:
    assert not shapely.intersects(full_city.land.boundary, EMPTY).any()
    lines = [line for line in full_city.land.alignments if line is not None]
    assert not shapely.intersects(np.array(lines), EMPTY).any()


def test_only_hai_hoa_cluster_reserves_the_rectangle(full_city: City) -> None:
    covering = [
        row.name
        for row, outline in zip(full_city.projects, full_city.land.outlines, strict=True)
        if outline.intersects(EMPTY)
    ]
    assert covering == ["Cụm công nghiệp Hải Hòa"]


def test_parcels_lie_in_the_ward_that_numbers_them(full_city: City) -> None:
    outlines = np.array([ward.outline for ward in full_city.wards])
    inside = shapely.contains(outlines[full_city.land.ward], full_city.land.boundary)
    assert inside.mean() > 0.98  # a corridor's parcel may cross the line of two wards


def test_sheets_begin_at_101_and_numbers_are_unique(full_city: City) -> None:
    land = full_city.land
    keys = Counter(zip(land.ward.tolist(), land.sheet.tolist(), land.number.tolist(), strict=True))
    assert max(keys.values()) == 1
    assert land.sheet.min() == 101


def test_areas_and_parcels_of_cases_are_distributed_as_measured(full_city: City) -> None:
    area = np.array([case.area_m2 for case in full_city.held.cases])
    count = np.array([len(case.takings) for case in full_city.held.cases])
    assert 3_200 < len(area) < 3_800
    assert 5_700 < len(full_city.land.use) < 6_300
    assert 24 <= area.min() < 40
    assert 500 < np.median(area) < 650
    assert 16_000 < area.max() < 19_500
    assert 0.27 < (count > 1).mean() < 0.35


def test_rice_is_the_commonest_land(full_city: City) -> None:
    classes = Counter(code for parts in full_city.held.parts for code, _ in parts)
    assert classes.most_common(1)[0][0] == "LUC"
    assert classes["LUC"] > 0.5 * classes.total()


def test_parts_sum_to_the_taking(full_city: City) -> None:
    for parts, area in zip(full_city.held.parts, full_city.land.taken_m2, strict=True):
        assert round(sum(size for _, size in parts), 1) == round(float(area), 1)
        assert all(size > 0 for _, size in parts)


def test_some_land_has_no_case_some_is_mixed_some_is_shared(full_city: City) -> None:
    held = full_city.held
    opened = {at for case in held.cases for at in case.takings}
    assert 100 < len(full_city.land.use) - len(opened) < 700
    assert sum(len(parts) > 1 for parts in held.parts) > 100
    assert sum(len(case.parties) > 1 for case in held.cases) > 100
    assert len(held.parties) < len(held.cases) + 400
