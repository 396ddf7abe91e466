"""A talk is recorded once; a persuasion is the talk and the step, or neither."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from gpmb.clearance.deadlines import refresh
from gpmb.clearance.models import Case, Law, Outreach, OutreachHousehold, never_met
from gpmb.law.steps import MoveRefused
from tests.clearance.conftest import last_day
from tests.factories import (
    TODAY,
    CaseFactory,
    DocumentFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
DAY = dt.date(2023, 6, 1)


def talk(case: Case, kind: str = "explain", on: dt.date = DAY, **fields) -> Outreach:
    document = None if kind == "explain" else DocumentFactory(signed_on=on)
    fields = {"document": document, "participants": ["ward", "front"]} | fields
    return Outreach(project=case.project, kind=kind, on=on, explained="đơn giá", **fields)


def record(case: Case, kind: str = "explain", answer: str = "agrees", **fields) -> Outreach:
    return Outreach.record(talk(case, kind, **fields), {case: (answer, "")}, by=UserFactory())


def test_a_persuasion_is_a_talk_and_a_step_in_one_act(rules):
    case = CaseFactory(at="notice")
    row = record(case, "persuade_inventory")
    case.refresh_from_db()
    event = row.households.get().event
    assert case.step == "persuasion_inventory"
    assert (event.step, event.on, event.document) == ("persuasion_inventory", DAY, row.document)


def test_a_persuasion_the_law_refuses_writes_neither(rules):
    case = CaseFactory()
    with pytest.raises(MoveRefused, match=f"Hồ sơ {case.code}"):
        record(case, "persuade_inventory")
    assert not Outreach.objects.exists()
    assert not case.events.exists()


def test_of_several_households_all_or_none_are_persuaded(rules):
    project = ProjectFactory()
    ready, not_yet = CaseFactory(project=project, at="notice"), CaseFactory(project=project)
    answers = {ready: ("refuses", ""), not_yet: ("refuses", "")}
    with pytest.raises(MoveRefused):
        Outreach.record(talk(ready, "persuade_inventory"), answers, by=None)
    assert not Outreach.objects.exists()
    assert ready.log()[-1].step == "notice"


def test_the_compulsory_inventory_waits_for_the_persuasion_to_end(rules):
    """15 days under the law of 2024, then more than 10 (art. 87.2đ)."""
    case = CaseFactory()
    start = dt.date(2024, 9, 2)
    case.advance("notice", on=start, by=None, document=DocumentFactory(signed_on=start))
    record(case, "persuade_inventory", on=dt.date(2024, 9, 9))
    with pytest.raises(MoveRefused) as refused:
        case.advance("compulsory_inventory", on=dt.date(2024, 9, 20), by=None)
    first = last_day(refused.value.first)
    assert first >= dt.date(2024, 9, 9) + dt.timedelta(days=15 + 10)


def test_the_persuasion_about_the_plan_delays_the_recovery_decision(rules):
    """10 days of persuasion, then more than 10 (art. 87.6)."""
    case = CaseFactory()
    days = {
        "notice": (2024, 9, 2),
        "inventory": (2024, 9, 20),
        "posting": (2024, 10, 1),
        "consultation": (2024, 11, 4),
        "appraisal": (2024, 11, 20),
        "approval": (2025, 1, 6),
    }
    for step, day in days.items():
        on = dt.date(*day)
        case.advance(step, on=on, by=None, document=DocumentFactory(signed_on=on))
    row = record(case, "persuade_plan", on=dt.date(2025, 1, 7))
    assert case.acts.standing().get().on == dt.date(2025, 1, 7)
    with pytest.raises(MoveRefused, match="kết thúc vận động"):
        case.advance("recovery", on=dt.date(2025, 1, 20), by=None)
    row.cancel(on=dt.date(2025, 1, 9), by=UserFactory(), reason="ghi nhầm hồ sơ")
    assert not case.acts.standing().exists()
    case.refresh_from_db()
    case.advance("recovery", on=dt.date(2025, 1, 20), by=None)


def test_cancelling_a_persuasion_takes_the_step_back(rules):
    case = CaseFactory(at="notice")
    row = record(case, "persuade_inventory")
    with pytest.raises(MoveRefused, match="lý do"):
        row.cancel(on=DAY, by=UserFactory(), reason="")
    row.cancel(on=DAY, by=UserFactory(), reason="ghi nhầm hồ sơ")
    case.refresh_from_db()
    assert case.step == "notice"
    assert Outreach.objects.get().cancelled_at


def test_the_database_wants_a_persuasion_in_writing_and_someone_to_lead_it():
    case = CaseFactory()
    for fields in ({"kind": "persuade_plan", "document": None}, {"participants": []}):
        with pytest.raises(IntegrityError), transaction.atomic():
            talk(case, **fields).save()


def test_a_household_of_another_project_is_refused():
    with pytest.raises(MoveRefused, match="không thuộc dự án"):
        Outreach.record(talk(CaseFactory()), {CaseFactory(): ("agrees", "")}, by=None)


@pytest.mark.parametrize(
    ("answer", "cancelled", "missing"),
    [("agrees", False, False), ("not_met", False, True), ("agrees", True, True)],
)
def test_never_met_are_those_nobody_spoke_with(answer, cancelled, missing):
    case = CaseFactory(at="notice")
    row = record(case, answer=answer)
    if cancelled:
        row.cancel(on=TODAY, by=UserFactory(), reason="nhầm")
    assert never_met(Case.objects.all()).filter(pk=case.pk).exists() is missing


def test_who_handed_over_is_not_asked_for_a_talk():
    CaseFactory(at="handover")
    assert not never_met(Case.objects.all()).exists()


def test_a_household_stands_once_in_a_talk():
    case = CaseFactory()
    row = record(case)
    with pytest.raises(IntegrityError), transaction.atomic():
        OutreachHousehold.objects.create(outreach=row, case=case, answer="agrees")


def test_deadlines_of_many_cases_agree_with_each_case_alone(rules):
    """`refresh` reads the persuasion's and the delivery's day from the case itself."""
    case = CaseFactory(at="notice")
    record(case, "persuade_inventory")
    assert refresh(Case.objects.filter(pk=case.pk), Law.read()) == 0
