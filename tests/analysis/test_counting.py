"""The legend's counts: equal to what each taking says, whatever was kept from before."""

import datetime as dt
from collections import Counter

import pytest
from django.contrib.gis.geos import LineString, MultiLineString

from gpmb.analysis import counting
from gpmb.analysis.selection import Colouring, Selection
from gpmb.clearance.models import Project, Taking
from gpmb.land.models import Parcel
from tests.factories import (
    FIRST_DAY,
    TODAY,
    AdministrativeUnitFactory,
    CaseFactory,
    DocumentFactory,
    ObstacleFactory,
    ParcelFactory,
    ProjectFactory,
    SiteFactory,
    TakingFactory,
    UserFactory,
    walk,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
DAYS = (TODAY, TODAY - dt.timedelta(days=1), FIRST_DAY + dt.timedelta(days=40), FIRST_DAY)


def one_by_one(selection: Selection) -> dict[tuple[int, int, int], Counter]:
    """The measures by reading every taking, its class and its obstacle."""
    sums: dict[tuple[int, int, int], Counter] = {}
    for taking in selection.takings().select_related("parcel"):
        key = (taking.project_id, taking.parcel.unit_id, taking.c)
        measures = sums.setdefault(key, Counter())
        for number, area, counts in (
            ("takings", "area_m2", True),
            ("handed_over", "handed_over_m2", taking.reached == 6),
            ("obstacles", "obstacle_m2", taking.o == 1),
        ):
            measures[number] += counts
            measures[area] += taking.recovered_area_m2 * counts
    return sums


def as_counted(selection: Selection) -> dict[tuple[int, int, int], Counter]:
    rows = counting.counts(selection)
    found = {tuple(row[name] for name in counting.KEYS): row for row in rows}
    assert len(found) == len(rows)
    return {
        key: Counter({name: row[name] for name in counting.NOTHING}) for key, row in found.items()
    }


def assert_equal_everywhere(user, **filters) -> None:
    for colouring in Colouring:
        for on in DAYS:
            selection = Selection(
                user, on, TODAY, colouring, since=on - dt.timedelta(days=20), **filters
            )
            assert as_counted(selection) == one_by_one(selection), (colouring, on)


@pytest.fixture
def city() -> dict[str, object]:
    """Takings at every kind of stage, and obstacles on every kind of place."""
    officer = UserFactory()
    project = ProjectFactory(officers=[officer])
    cases = {
        step: CaseFactory(project=project, at=step, takings=2, officer=officer)
        for step in ("notice", "inventory", "approval", "payment", "handover")
    }
    waiting = CaseFactory(at="approval", resettlement_need="plot", entitled_plots=1)
    plot = SiteFactory(serves=[waiting.project], ready=1).plots.get()
    plot.allocate(waiting, on=DAYS[1], document=DocumentFactory())
    CaseFactory(at="approval", resettlement_need="plot")
    ObstacleFactory(case=cases["inventory"])
    ObstacleFactory(case=cases["approval"], opened_on=FIRST_DAY, closed_on=DAYS[2])
    alone = TakingFactory(project=project)
    ObstacleFactory(case=None, project=project, parcel=alone.parcel)
    ObstacleFactory(case=None, project=waiting.project, parcel=alone.parcel)  # not its project
    ground = TakingFactory(project=project).boundary
    ObstacleFactory(case=None, project=project, area=ground)
    ObstacleFactory(case=None, project=waiting.project, area=ground)
    side = TakingFactory(project=waiting.project).boundary
    line = MultiLineString(LineString(*side[0][0].coords[:2]), srid=side.srid)
    ObstacleFactory(case=None, project=waiting.project, line=line)
    ObstacleFactory(case=None, project=project)
    gone = TakingFactory(project=project)
    Taking.objects.filter(pk=gone.pk).update(withdrawn_on=DAYS[1], withdrawn_reason="Đổi ranh")
    return {"officer": officer, "project": project, "cases": cases, "waiting": waiting}


def test_counts_equal_what_each_taking_says(city) -> None:
    user = UserFactory(petitions=True)
    held_up = sum(row["obstacles"] for row in counting.counts(Selection(user, TODAY, TODAY)))
    assert held_up >= 5  # two by their case, one by its parcel, those on the area and the line
    assert_equal_everywhere(user)


def test_counts_equal_it_under_every_filter(city) -> None:
    user, case = UserFactory(viewer=True), city["cases"]["approval"]
    for filters in (
        {"projects": frozenset({city["project"].pk})},
        {"units": frozenset({case.takings.first().parcel.unit_id})},
        {"stages": frozenset({2, 4})},
        {"officer": city["officer"].pk},
    ):
        assert_equal_everywhere(user, **filters)


def test_a_view_in_a_box_is_counted_too(city) -> None:
    box = Taking.objects.get(pk=city["waiting"].takings.get().pk).boundary_web.envelope
    selection = Selection(UserFactory(viewer=True), TODAY, TODAY, box=box)
    assert as_counted(selection) == one_by_one(selection)


def test_kept_counts_follow_every_change(city) -> None:
    user = UserFactory(viewer=True)
    assert_equal_everywhere(user)
    walk(city["cases"]["notice"], to="inventory")
    assert_equal_everywhere(user)
    ObstacleFactory(case=city["waiting"])
    assert_equal_everywhere(user)
    Parcel.objects.filter(takings__case=city["waiting"]).update(unit=AdministrativeUnitFactory())
    TakingFactory(project=ProjectFactory())
    assert_equal_everywhere(user)


def test_households_count_once_in_all_and_once_a_class(city) -> None:
    user = UserFactory(viewer=True)
    twice = city["cases"]["approval"].parties.get()
    assert counting.households(Selection(user, TODAY, TODAY)) == (
        {1: 1, 2: 1, 4: 3, 5: 1, 6: 1},
        7,
        1,
    )
    case = CaseFactory(at="notice", party=twice)
    ObstacleFactory(case=case)
    assert counting.households(Selection(user, TODAY, TODAY)) == (
        {1: 2, 2: 1, 4: 3, 5: 1, 6: 1},
        7,
        2,
    )
    assert counting.households(Selection(user, TODAY, TODAY, stages=frozenset({5})))[1:] == (1, 0)


def test_handed_over_since_follows_the_days_and_the_filters(city) -> None:
    user, case = UserFactory(viewer=True), city["cases"]["handover"]
    (on,) = set(case.takings.values_list("handed_over_on", flat=True))
    before = on - dt.timedelta(days=1)
    every = Selection(user, TODAY, TODAY)
    assert counting.handed_over_since(every, before) == 2
    assert counting.handed_over_since(every, on) == 0
    assert counting.handed_over_since(Selection(user, before, TODAY), FIRST_DAY) == 0
    other = Selection(user, TODAY, TODAY, projects=frozenset({city["waiting"].project_id}))
    assert counting.handed_over_since(other, before) == 0
    walk(city["cases"]["payment"], to="handover", start=FIRST_DAY)
    assert counting.handed_over_since(every, before) == 4


def test_only_the_project_that_moved_is_counted_again(city, monkeypatch) -> None:
    asked = []
    really = counting.counted
    monkeypatch.setattr(counting, "counted", lambda s: asked.append(s.projects) or really(s))
    selection = Selection(UserFactory(viewer=True), TODAY, TODAY, Colouring.PAYMENT)
    counting.counts(selection)
    counting.counts(selection)
    walk(city["waiting"], to="payment")
    counting.counts(selection)
    assert asked == [
        frozenset(Project.objects.values_list("pk", flat=True)),
        frozenset({city["waiting"].project_id}),
    ]


def test_what_was_kept_for_the_cleared_is_not_shown_to_others() -> None:
    hidden = TakingFactory(project=ProjectFactory(restricted=True))
    shown = TakingFactory()
    TakingFactory(
        project=shown.project, parcel=ParcelFactory(unit=shown.parcel.unit, restricted=True)
    )
    cleared, other = UserFactory(leader=True, cleared=True), UserFactory(leader=True)
    for on in DAYS[:2]:
        for user, number in ((cleared, 3), (other, 1), (cleared, 3)):
            rows = counting.counts(Selection(user, on, TODAY))
            assert sum(row["takings"] for row in rows) == number
    Project.objects.filter(pk=hidden.project_id).update(restricted=False)
    assert sum(r["takings"] for r in counting.counts(Selection(other, TODAY, TODAY))) == 2
