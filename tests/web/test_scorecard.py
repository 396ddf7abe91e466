"""The scorecard's page: figures of the database, the cases behind them, no ranking."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from gpmb.accounts.models import Role
from gpmb.analysis import scorecard
from gpmb.analysis.scorecard import Period
from gpmb.analysis.scorecard_models import ScoreWeights
from gpmb.analysis.scoring import Criterion
from gpmb.clearance.deadlines import refresh
from gpmb.clearance.models import (
    Case,
    CaseEvent,
    PlanEntry,
    PlanVersion,
    Project,
    Responsibility,
    Target,
)
from gpmb.complaints.models import Complaint
from gpmb.reference.loading import load
from gpmb.resettlement.models import Allocation, Plot, Site
from tests.factories import (
    TODAY,
    AdministrativeUnitFactory,
    CaseFactory,
    OrganisationFactory,
    ProjectFactory,
    UserFactory,
    walk,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
DAY = dt.timedelta(days=1)
QUARTER = Period(dt.date(2023, 4, 1), TODAY)
READERS = {"leader", "officer", "administrator"}


def approved(project, days_ago: int, to="approval") -> Case:
    """A case approved so many days before TODAY (PACE: 190 days after its notice)."""
    return walk(CaseFactory(project=project), to=to, start=TODAY - (190 + days_ago) * DAY)


def counts(user, projects):
    card = scorecard.read(user, projects, QUARTER)
    return {line.criterion: line.count for line in card.score.lines}


def as_(role, **fields) -> Client:
    client = Client()
    client.force_login(UserFactory(role=role, **fields))
    return client


@pytest.mark.parametrize("role", Role.values)
def test_matrix(role):
    client = as_(role)
    expected = 200 if role in READERS else 404
    assert client.get(reverse("scorecard")).status_code == expected
    assert client.get(reverse("scorecard_cases", args=["K1"])).status_code == expected


def test_steps_and_payments_count_the_ceilings_of_the_period():
    load()
    project = ProjectFactory()
    late = approved(project, 45)  # due 15 days ago, not paid
    good = approved(project, 60, to="payment")  # paid 15 days after the approval
    approved(project, 5)  # still in time
    refresh(Case.objects.all())
    found = counts(UserFactory(leader=True), Project.objects.all())
    assert (found[Criterion.STEPS].good, found[Criterion.STEPS].of) == (1, 2)
    assert (found[Criterion.PAYMENT].good, found[Criterion.PAYMENT].of) == (1, 2)
    rows = scorecard.items(UserFactory(leader=True), [project.pk], QUARTER, "K2")
    assert [(row.case, row.good) for row in rows] == [(late.pk, False), (good.pk, True)]


def letter(project, **fields):
    number = Complaint.objects.count() + 1
    received_on = fields.pop("received_on", dt.date(2023, 4, 3))
    return Complaint.objects.create(
        **{"serial": f"KN-{number}", "kind": "complaint", "project": project}
        | {"received_on": received_on}
        | fields
    )


def test_complaints_in_time_repeats_and_late_collective_cases():
    project = ProjectFactory()
    due = dt.date(2023, 5, 15)
    first = letter(project, due_on=due, answered_on=due)
    letter(project, due_on=due, answered_on=due + DAY)
    letter(project, due_on=due, people_count=7)  # late, not answered, collective
    letter(project, due_on=TODAY + DAY, people_count=9)  # recorded, not late: no fault
    letter(project, received_on=due + 20 * DAY, repeats=first)
    letter(None, kind="denunciation", due_on=due)
    found = counts(UserFactory(leader=True), Project.objects.all())
    assert (found[Criterion.COMPLAINTS].good, found[Criterion.COMPLAINTS].of) == (1, 3)
    assert (found[Criterion.REPEATS].good, found[Criterion.REPEATS].of) == (1, 2)
    assert found[Criterion.COLLECTIVE].value == 1


def test_a_place_is_ready_before_the_household_leaves():
    project = ProjectFactory()
    site = Site.objects.create(code="TDC", name="Khu", unit=AdministrativeUnitFactory())
    site.projects.add(project)
    start = TODAY - 250 * DAY
    ready = CaseFactory(project=project, resettlement_need="plot", entitled_plots=1)
    plot = Plot.objects.create(site=site, number="L1", area_m2=100)
    Allocation.objects.create(
        case=ready, plot=plot, allocated_on=start, handed_over_on=start + 100 * DAY
    )
    walk(ready, to="handover", start=start)
    cash = CaseFactory(project=project, resettlement_need="self")
    walk(cash, to="handover", start=start)
    CaseFactory(project=project, resettlement_need="plot")  # still there
    found = counts(UserFactory(leader=True), Project.objects.all())
    assert (found[Criterion.RESETTLEMENT].good, found[Criterion.RESETTLEMENT].of) == (2, 2)


def test_waiting_under_the_2013_law_never_caps_the_score():
    case = CaseFactory(resettlement_need="plot")
    CaseEvent.objects.create(case=case, kind="move", step="notice", on=dt.date(2023, 4, 2))
    CaseEvent.objects.create(case=case, kind="move", step="enforcement", on=TODAY)
    cases = Case.objects.all()
    assert list(scorecard.forced_before_resettlement(cases, QUARTER)) == []
    later = Period(dt.date(2025, 1, 1), dt.date(2025, 3, 31))
    CaseEvent.objects.create(case=case, kind="move", step="enforcement", on=dt.date(2025, 2, 3))
    assert list(scorecard.forced_before_resettlement(cases, later)) == [case.pk]


def test_schedule_is_the_earned_schedule_weighted_by_land():
    behind, even = ProjectFactory(), ProjectFactory()
    version = PlanVersion.objects.create(
        year=2023, kind="draft", name="Dự thảo", on=dt.date(2023, 1, 10)
    )
    for project in (behind, even):
        CaseFactory(project=project, takings=2)
        walk(CaseFactory(project=project, takings=2), to="handover", start=TODAY - 250 * DAY)
        entry = PlanEntry.objects.create(version=version, project=project)
        for month in range(1, 13):
            # `even` wanted its 1,000 m² by the end of June; `behind` 2,000 m².
            by_june = 1000 if project is even else 2000
            Target.objects.create(
                entry=entry,
                stage=6,
                month=dt.date(2023, month, 1),
                area_m2=by_june * month / 6,
            )
    leader = UserFactory(leader=True)
    paces = {
        pace.project: pace.spi for pace in scorecard.paces(leader, [behind.pk, even.pk], TODAY)
    }
    assert paces[even.pk] == pytest.approx(6 / (181 / 30.4375))
    assert paces[behind.pk] == pytest.approx(3 / (181 / 30.4375))
    found = counts(leader, Project.objects.all())[Criterion.SCHEDULE]
    assert found.value == pytest.approx((1 + paces[behind.pk]) / 2)


def test_data_is_timely_when_entered_within_three_working_days():
    case = CaseFactory()
    on = dt.date(2023, 6, 1)  # a Thursday: Friday, Monday, Tuesday the 6th is the last day
    zone = dt.timezone(dt.timedelta(hours=7))
    for day in (2, 6, 7):
        recorded = dt.datetime(2023, 6, day, 9, tzinfo=zone)
        CaseEvent.objects.create(
            case=case, kind="move", step="notice", on=on, recorded_at=recorded
        )
    found = counts(UserFactory(leader=True), Project.objects.all())[Criterion.DATA]
    assert (found.good, found.of) == (2, 3)


def test_the_weights_in_force_stand_beside_the_score():
    ScoreWeights.objects.create(valid_from=dt.date(2023, 1, 1), k1=10, k2=25)
    ScoreWeights.objects.create(valid_from=TODAY + DAY, k1=30, k2=5)
    text = as_("leader").get(reverse("scorecard")).content.decode()
    assert "áp dụng từ 01/01/2023" in text
    assert ScoreWeights.objects.in_force(on=TODAY).by_criterion[Criterion.STEPS] == 10
    assert ScoreWeights.objects.in_force(on=dt.date(2022, 1, 1)).source.startswith(
        "bộ trọng số mặc"
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        ScoreWeights.objects.create(valid_from=TODAY, k1=50)


def test_without_enough_there_is_no_score_and_no_league_table():
    ProjectFactory(name="Dự án A")
    text = as_("leader").get(reverse("scorecard")).content.decode()
    assert "không chấm" in text
    assert "Không xếp hạng" in text
    assert "hạng" not in text.replace("Không xếp hạng", "").split("<main")[1].split("</main")[0]


def test_few_complaints_are_withheld():
    project = ProjectFactory()
    due = dt.date(2023, 5, 15)
    letter(project, due_on=due, answered_on=due)
    text = as_("leader").get(reverse("scorecard"), {"scope": f"project:{project.code}"})
    assert "dưới 3" in text.content.decode()
    assert "1 / 1" not in text.content.decode()


def test_a_scorecard_of_an_agency_and_of_a_restricted_project():
    agency = OrganisationFactory(name="UBND phường A")
    mine, secret = ProjectFactory(), ProjectFactory(restricted=True)
    Responsibility.objects.create(
        project=mine, role="lead", organisation=agency, valid_from=dt.date(2023, 1, 1)
    )
    client = as_("leader")
    page = client.get(reverse("scorecard"), {"scope": "agency:UBND phường A"})
    assert list(page.context["about"].projects) == [mine]
    assert client.get(reverse("scorecard"), {"scope": f"project:{secret.code}"}).status_code == 404


def test_the_cases_behind_a_figure_open_with_failures_first():
    load()
    project = ProjectFactory(code="DA-K1")
    late, good = approved(project, 45), approved(project, 60, to="payment")
    refresh(Case.objects.all())
    text = as_("leader").get(reverse("scorecard_cases", args=["K1"])).content.decode()
    assert text.index(late.code) < text.index(good.code)
    assert "1 không đạt trên 2" in text
    assert as_("leader").get(reverse("scorecard_cases", args=["K9"])).status_code == 404


def test_late_entries_open_with_the_day_they_were_due():
    case = CaseFactory()
    zone = dt.timezone(dt.timedelta(hours=7))
    for day in (2, 7):
        CaseEvent.objects.create(
            case=case,
            kind="move",
            step="notice",
            on=dt.date(2023, 6, 1),
            recorded_at=dt.datetime(2023, 6, day, 9, tzinfo=zone),
        )
    leader = as_("leader")
    card = leader.get(reverse("scorecard")).context["card"]
    of = next(line.count for line in card.score.lines if line.criterion == Criterion.DATA)
    page = leader.get(reverse("scorecard_cases", args=["K8"]))
    items = [item for _, item, _ in page.context["rows"]]
    assert [(item.done_on.day, item.good) for item in items] == [(7, False), (2, True)]
    assert {item.due_on.day for item in items} == {6}
    assert "Thông báo thu hồi đất" in page.content.decode()
    assert (sum(item.good for item in items), len(items)) == (of.good, of.of)


@pytest.mark.parametrize("criterion", [c.value for c in Criterion])
def test_every_criterion_that_has_a_figure_opens_what_is_behind_it(criterion):
    load()
    project = ProjectFactory()
    start = TODAY - 250 * DAY
    walk(CaseFactory(project=project, resettlement_need="self"), to="handover", start=start)
    approved(project, 45)
    letter(project, due_on=dt.date(2023, 5, 15), people_count=7)
    letter(project, due_on=dt.date(2023, 5, 15), answered_on=dt.date(2023, 5, 1))
    refresh(Case.objects.all())
    client = as_("leader")
    lines = client.get(reverse("scorecard")).context["lines"]
    line = next(row for row in lines if row["code"] == criterion)
    assert bool(line["opens"]) == line["line"].count.applies
    assert client.get(reverse("scorecard_cases", args=[criterion])).status_code == 200


def test_matters_open_by_project_and_to_their_officers_as_letters():
    officer = UserFactory(role="officer")
    mine = ProjectFactory(officers=[officer])
    small, tiny, big = (ProjectFactory() for _ in range(3))
    due = dt.date(2023, 5, 15)
    for project, number in ((mine, 4), (small, 2), (tiny, 1), (big, 5)):
        for _ in range(number):
            letter(project, due_on=due, answered_on=due)
    late = letter(mine, due_on=due)
    client = Client()
    client.force_login(officer)
    address = reverse("scorecard_cases", args=["K3"])
    page = client.get(address)
    told = {project: (share.good, share.of) for project, share in page.context["shares"]}
    assert told == {mine: (4, 5), big: (5, 5), None: (3, 3)}
    assert page.context["page"][0] == late
    assert page.context["page"].paginator.count == 5
    leader = as_("leader").get(address)
    assert leader.context["page"].paginator.count == 0
    assert late.serial not in leader.content.decode()


def test_a_project_with_few_matters_is_never_the_difference_to_the_total():
    few, more, most = (ProjectFactory() for _ in range(3))
    due = dt.date(2023, 5, 15)
    for project, number in ((few, 2), (more, 3), (most, 6)):
        for _ in range(number):
            letter(project, due_on=due, answered_on=due)
    shares = as_("leader").get(reverse("scorecard_cases", args=["K3"])).context["shares"]
    assert [(p, s.projects, s.of) for p, s in shares] == [(most, 1, 6), (None, 2, 5)]


def test_the_project_page_leads_to_its_scorecard():
    project = ProjectFactory(code="DA-01")
    address = f"{reverse('scorecard')}?scope=project:DA-01"
    page = reverse("project", args=[project.ref])
    assert address in as_("leader").get(page).content.decode()
    assert address not in as_("finance").get(page).content.decode()
