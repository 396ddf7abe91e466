"""The city's run: who is at risk, which matters count, what is kept, and that it repeats."""

import datetime as dt
import json

import numpy as np
import pytest
from django.conf import settings
from django.contrib.gis.geos import Point
from django.core.management import call_command
from django.db import connection

from geo import cells
from gpmb.analysis import hotspot_sql, hotspots
from gpmb.analysis.cell_sql import count_by_cell
from gpmb.analysis.hotspot_models import HotspotRun
from gpmb.analysis.hotspot_sql import Period, add_months
from gpmb.clearance.models import Case
from gpmb.complaints.models import Complaint, ComplaintParty
from tests.complaining import Q0, R0, complain, complaining_city, letter, square
from tests.factories import (
    CORNER,
    TODAY,
    CaseFactory,
    ParcelFactory,
    ProjectFactory,
    TakingFactory,
)

pytestmark = pytest.mark.django_db
PERIOD = Period.months_to(TODAY)


@pytest.fixture
def city(today):
    return complaining_city()


def one_case(**fields):
    return CaseFactory(at="notice", **fields)


def totals(period=PERIOD):
    counts = hotspots.count(period)
    return int(counts.at_risk.sum()), int(counts.with_case.sum())


def test_postgis_puts_points_into_the_cells_of_geo():
    rng = np.random.default_rng(9)
    x, y = rng.uniform(CORNER[0], CORNER[0] + 3_000, 5_000), rng.uniform(2e6, 2.003e6, 5_000)
    source = "SELECT ST_MakePoint(a, b) AS point, c AS has_case FROM unnest(%s, %s, %s) t(a, b, c)"
    has_case = rng.random(5_000) < 0.3
    with connection.cursor() as cursor:
        cursor.execute(count_by_cell(source), [x.tolist(), y.tolist(), has_case.tolist()])
        found = {(q, r): (n, c) for q, r, n, c in cursor.fetchall()}
    expected = {}
    for q, r, case in zip(*(v.tolist() for v in (*cells.cell_of(x, y), has_case)), strict=True):
        n, c = expected.get((q, r), (0, 0))
        expected[q, r] = (n + 1, c + case)
    assert found == expected


def test_the_true_cluster_is_found_and_only_there(city):
    project, *_ = city
    record = hotspots.run(on=TODAY)
    assert (record.households, record.cases) == (444, 18)
    assert record.verdict == "hot"
    (area,) = record.areas.filter(verdict="hot")
    assert (area.q, area.r, area.ring, area.observed, area.at_risk) == (Q0, R0, 0, 10, 12)
    assert area.project == project
    assert area.unit.name == "Hải Hòa"
    assert not area.project_wide
    assert area.agreement == "both"
    assert area.trend == "not_enough_periods"
    assert "10 trong 12 hộ" in area.sentence()
    assert "gấp 20,6 lần" in area.sentence()
    assert area.boundary.contains(square(0, 0).centroid)


def test_a_run_is_kept_once_and_repeats(city):
    record = hotspots.run(on=TODAY)
    assert hotspots.run(on=TODAY) == record
    assert HotspotRun.objects.count() == 1
    assert hotspots.repeat(record)
    record.cells[0][3] = record.cells[0][2]
    assert not hotspots.repeat(record)


def test_changed_data_make_a_new_run(city):
    _, _, _, others = city
    first = hotspots.run(on=TODAY)
    complain(others[1:2])
    assert hotspots.run(on=TODAY) != first


def test_an_earlier_day_knows_nothing_of_later_letters(city):
    assert hotspots.run(on=dt.date(2023, 2, 28)).cases == 0


def test_a_denunciation_a_repeat_and_signatures_do_not_count(today):
    case, other = one_case(), one_case()
    first = complain([case], people_count=30)[0]
    complain([case], on=dt.date(2023, 4, 1), repeats=first)
    Complaint.objects.create(serial="TC-1", kind="denunciation", received_on=TODAY)
    assert totals() == (2, 1)
    assert hotspots.not_located(PERIOD) == 0
    assert other.takings.count() == 1


def test_a_letter_about_several_cases_is_one_matter_at_its_representatives_household(today):
    project = ProjectFactory()
    cases = [one_case(project=project) for _ in range(4)]
    joint = letter("1", received_on=TODAY, cases=cases[1:], people_count=40)
    assert totals() == (4, 1)
    assert places_of_matters() == {joint.pk: centre_of(cases[1])}
    ComplaintParty.objects.create(
        complaint=joint, party=cases[2].parties.get(), representative=True
    )
    assert places_of_matters() == {joint.pk: centre_of(cases[2])}


def centre_of(case):
    return case.takings.get().boundary.centroid.coords


def places_of_matters():
    with connection.cursor() as cursor:
        cursor.execute(hotspot_sql.MATTERS, PERIOD.parameters())
        return {number: (x, y) for number, x, y in cursor.fetchall()}


def test_a_household_with_several_cases_and_parcels_is_one(today):
    party = one_case(takings=3).parties.get()
    one_case(party=party, project=ProjectFactory())
    assert totals() == (1, 0)


def test_only_those_noticed_and_not_gone_are_at_risk(today):
    CaseFactory()
    withdrawn = one_case()
    Case.objects.filter(pk=withdrawn.pk).update(
        withdrawn_on=dt.date(2022, 10, 1), withdrawn_reason="thử"
    )
    before = Period(dt.date(2021, 1, 1), dt.date(2021, 12, 31))
    late = Period(dt.date(2023, 1, 1), TODAY)
    assert totals(before) == (0, 0)
    assert totals(late) == (0, 0)
    one_case(project=ProjectFactory(closed_on=dt.date(2022, 12, 31)))
    assert totals(late) == (0, 0)
    assert totals(PERIOD) == (2, 0)


def test_a_parcel_without_a_case_is_at_risk_once_its_project_began(today):
    project = ProjectFactory()
    TakingFactory(project=project)
    assert totals() == (0, 0)
    one_case(project=project)
    assert totals() == (2, 0)


def test_a_complaint_is_placed_by_parcel_or_by_its_place_on_the_map(today):
    by_parcel, by_place, nowhere = one_case(), one_case(), one_case()
    parcel = by_parcel.takings.get().parcel
    point = by_place.takings.get().boundary.centroid
    letter("1", kind="petition", received_on=TODAY, parcels=[parcel])
    Complaint.objects.create(serial="2", kind="petition", received_on=TODAY, location=point)
    Complaint.objects.create(
        serial="3", kind="petition", received_on=TODAY, project=nowhere.project
    )
    far = Point(point.x + 5_000, point.y, srid=settings.SRID)
    Complaint.objects.create(serial="4", kind="petition", received_on=TODAY, location=far)
    assert totals() == (3, 2)
    assert hotspots.not_located(PERIOD) == 2
    q, r = (int(v) for v in cells.cell_of(point.x, point.y))
    assert Complaint.objects.get(serial="2").pk in hotspots.matters_in(PERIOD, {(q, r)})


def test_one_kind_can_be_asked_for(today):
    complain([one_case()])
    assert totals(Period.months_to(TODAY, kind="complaint")) == (1, 1)
    assert totals(Period.months_to(TODAY, kind="petition")) == (1, 0)


def test_restricted_projects_and_parcels_are_left_out(today):
    complain([one_case(project=ProjectFactory(restricted=True))])
    shut = one_case(takings=0)
    TakingFactory(project=shut.project, case=shut, parcel=ParcelFactory(restricted=True))
    assert totals() == (0, 0)
    assert hotspots.not_located(PERIOD) == 0


def test_an_empty_city_is_not_enough_data(today):
    record = hotspots.run(on=TODAY)
    assert record.verdict == "not_enough_data"
    assert record.cells == []
    assert hotspots.repeat(record)


def test_a_trend_needs_its_periods_and_then_says_its_direction(city):
    _, _, middle, others = city
    Complaint.objects.all().delete()
    for month in range(10):
        on = add_months(dt.date(2022, 9, 15), month)
        complain(others[-28:], on=on)
        complain(middle[: min(12, 2 + month)], on=on)
    record = hotspots.run(on=TODAY)
    (area, *_) = record.areas.filter(verdict="hot")
    assert area.trend == "up"


def test_the_command_writes_the_citys_verdict(city, tmp_path, capsys):
    out = tmp_path / "city.json"
    call_command("hotspots", json=out)
    answer = json.loads(out.read_text(encoding="utf-8"))
    assert answer["verdict"] == "hot"
    assert answer["as_of"] == "2023-06-30"
    assert answer["areas"][0]["scope"] == "inside_project"
    assert {"q", "r", "k", "O", "n", "E", "smr", "p", "hot", "watch"} <= set(answer["windows"][0])
    assert answer["scan"][0]["cells"] == [[Q0, R0]]
    assert "10 trong 12 hộ" in capsys.readouterr().out
    call_command("hotspots", "--as-of", "2023-02-28", json=out)
    assert json.loads(out.read_text(encoding="utf-8"))["verdict"] == "not_enough_data"


def test_the_same_day_months_ago():
    assert add_months(dt.date(2023, 3, 31), -1) == dt.date(2023, 2, 28)
    assert add_months(dt.date(2023, 1, 15), -13) == dt.date(2021, 12, 15)
    assert PERIOD.start == dt.date(2022, 7, 1)
