"""Projects, money, resettlement, complaints, plan and reviews of the demo city."""

from collections import Counter
from datetime import date

import numpy as np
import pytest
import shapely

from geo import cells, hotspots
from gpmb.management.demo import troubles
from gpmb.management.demo.city import City, _places


def test_projects_partition_by_origin_and_category(full_city: City) -> None:
    rows = full_city.projects
    assert Counter(row.origin for row in rows) == {"carried_over": 21, "new": 20, "added": 3}
    assert Counter(row.category for row in rows) == {1: 6, 2: 11, 3: 15, 4: 12}
    assert len({row.code for row in rows}) == len({row.name for row in rows}) == 44
    added = [row for row in rows if row.origin == "added"]
    assert "Cụm công nghiệp Hải Hòa" in {row.name for row in added}
    assert [row.restricted for row in rows].count(True) == 1
    assert any(row.restricted for row in added)


def test_every_project_has_land_and_cases(town: City) -> None:
    everything = set(range(44))
    assert {case.project for case in town.held.cases} == everything
    assert set(town.land.project.tolist()) == everything


def test_payments_never_exceed_their_plan(full_city: City) -> None:
    paid: Counter[int] = Counter()
    for row in full_city.payments:
        assert row.amount_vnd > 0
        paid[row.plan] += row.amount_vnd
    assert all(paid[n] <= full_city.plans[n].total_vnd for n in paid)
    done = {row.case for row in full_city.events if row.step in ("payment", "deposit")}
    for number, plan in enumerate(full_city.plans):
        if plan.case in done and plan.total_vnd > 0:
            assert paid[number] == plan.total_vnd


def test_some_payments_are_late_some_refused(full_city: City) -> None:
    plans = full_city.plans
    late = [p for p in full_city.payments if p.day - (plans[p.plan].approved or p.day) > 30]
    assert 60 < len(late) < 700
    refused = [p for p in full_city.payments if p.refused]
    assert 40 < len(refused) < 250
    assert {p.kind for p in refused} == {"deposit"}


def test_plans_are_rounded_by_a_line_of_their_own(full_city: City) -> None:
    for plan in full_city.plans:
        assert plan.total_vnd % 1_000 == 0
        assert all(abs(i.amount_vnd) <= 500 for i in plan.items if i.block == "rounding")
        assert plan.total_vnd > 0


def test_one_site_has_too_few_plots(full_city: City) -> None:
    short = []
    for site in full_city.sites:
        need = sum(c.plots for c in full_city.held.cases if c.project in site.serves)
        if len(site.plots) < need:
            short.append(site.name)
    assert short == ["Khu tái định cư Cầu Voi"]
    waiting = [o for o in full_city.obstacles if o.cause == "waiting_resettlement"]
    assert len(waiting) > 5


def test_plots_lie_side_by_side_and_go_to_one_case(full_city: City) -> None:
    for site in full_city.sites:
        plots = np.array(site.plots)
        assert shapely.is_valid(plots).all()
        assert shapely.area(shapely.intersection(plots[0], plots[1:])).max() < 0.01
    given = Counter((row.site, row.plot) for row in full_city.allocations)
    assert max(given.values()) == 1
    assert all(row.plot < len(full_city.sites[row.site].plots) for row in full_city.allocations)


def test_complaints_cover_36_months(full_city: City) -> None:
    rows = full_city.complaints
    first, last = date(2020, 6, 30).toordinal(), full_city.as_of.toordinal()
    assert all(first <= row.received <= last for row in rows)
    assert last - min(row.received for row in rows) > 900
    assert any(row.first is not None for row in rows)
    assert {row.kind for row in rows} >= {"petition", "complaint", "denunciation"}


def test_denunciations_hold_nothing_but_dates(full_city: City) -> None:
    for row in full_city.complaints:
        if row.kind == "denunciation":
            assert (row.case, row.topic, row.channel, row.people) == (None, "", "", 1)


@pytest.mark.parametrize("months", [12, 36])
def test_one_concentration_is_found_where_it_was_planted(full_city: City, months: int) -> None:
    start = full_city.as_of.toordinal() - months * 365 // 12
    matters = sorted(
        {
            row.case
            for row in full_city.complaints
            if row.case is not None and row.first is None and row.received > start
        }
    )
    places = _places(full_city.land, full_city.held.cases)
    q, r = cells.cell_of(places[:, 0], places[:, 1])
    hexagons, row = np.unique(np.column_stack([q, r]), axis=0, return_inverse=True)
    with_case = np.bincount(row.ravel()[matters], minlength=len(hexagons))
    run = hotspots.find(hexagons[:, 0], hexagons[:, 1], np.bincount(row.ravel()), with_case)

    assert run.verdict == hotspots.Verdict.HOT
    found = {(int(run.q[cell]), int(run.r[cell])) for area in hotspots.areas(run) for cell in area}
    inside = [n for n in range(len(places)) if (int(q[n]), int(r[n])) in found]
    projects = full_city.projects
    codes = {projects[full_city.held.cases[n].project].code for n in inside}
    assert troubles.TRUE_IN in codes
    assert troubles.DECOY_IN not in codes


def test_decoy_has_many_people_in_few_letters(full_city: City) -> None:
    crowd = [row for row in full_city.complaints if row.people >= 5]
    projects = {
        full_city.projects[full_city.held.cases[row.case or 0].project].code for row in crowd
    }
    assert projects == {troubles.DECOY_IN}
    assert len(crowd) >= 3


def test_plan_versions_grow_from_41_to_44_projects_and_a_draft_is_open(full_city: City) -> None:
    versions = full_city.versions
    assert [(v.kind, len(v.projects)) for v in versions] == [
        ("draft", 41),
        ("after_meeting", 44),
        ("issued", 44),
        ("draft", 44),
    ]
    for version in versions:
        by_line: dict[tuple[int, int], int] = {}
        for target in version.targets:
            key = (target.project, target.stage)
            assert target.cases >= by_line.get(key, 0)
            by_line[key] = target.cases
    assert any(target.amount_vnd for target in versions[-1].targets)


def test_reviews_are_monthly_and_some_directives_stay_open(full_city: City) -> None:
    reviews = full_city.reviews
    assert len(reviews) >= 12
    assert len({row.on for row in reviews}) == len(reviews)
    directives = [d for row in reviews for d in row.directives]
    assert 0 < sum(d.done is None for d in directives) < len(directives)


def test_money_moved_covers_money_paid(full_city: City) -> None:
    moved: Counter[int] = Counter()
    for row in full_city.funding:
        if row.kind == "moved":
            moved[row.project] += row.amount_vnd
    paid: Counter[int] = Counter()
    for payment in full_city.payments:
        paid[full_city.held.cases[full_city.plans[payment.plan].case].project] += (
            payment.amount_vnd
        )
    assert all(moved[project] >= amount for project, amount in paid.items())
