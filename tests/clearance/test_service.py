"""A paper reaches its holders; the notice's wait runs from the day the last one had it."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from gpmb.clearance import service
from gpmb.clearance.models import Case, CaseParty
from gpmb.land.models import Service
from gpmb.law.steps import MoveRefused
from tests.clearance.conftest import last_day
from tests.factories import CaseFactory, DocumentFactory, PartyFactory, UserFactory

pytestmark = pytest.mark.django_db
NOTICE = dt.date(2023, 3, 1)


def noticed(**fields: object) -> Case:
    """A case of the 2013 law whose notice is of 01/03/2023 and whose plan is appraised."""
    case = CaseFactory(**fields)
    for step, day in (("notice", 0), ("inventory", 10), ("posting", 20), ("appraisal", 45)):
        on = NOTICE + dt.timedelta(days=day)
        case.advance(step, on=on, by=None, document=DocumentFactory(signed_on=on))
    return case


def notice_of(case: Case):
    return case.log()[0].document


def serve(case: Case, party=None, on: dt.date = NOTICE, manner: str = "signed", evidence=""):
    return service.serve(
        notice_of(case),
        [party or case.parties.order_by("pk")[0]],
        on=on,
        manner=manner,
        evidence=evidence,
        by=UserFactory(),
    )


def earliest_approval(case: Case) -> dt.date:
    """The first day on which the approval is not refused for the notice's wait."""
    with pytest.raises(MoveRefused) as refused:
        case.advance("approval", on=dt.date(2023, 5, 1), by=None)
    return last_day(refused.value.first)


def test_without_a_delivery_the_wait_runs_from_the_notice(rules):
    assert earliest_approval(noticed()) == NOTICE + dt.timedelta(days=90)


def test_the_wait_runs_from_the_delivery(rules):
    case = noticed()
    late = NOTICE + dt.timedelta(days=12)
    assert serve(case, on=late) == 1
    case.refresh_from_db()
    assert case.notice_served_on == late
    assert earliest_approval(case) == late + dt.timedelta(days=90)


def test_the_last_of_the_holders_counts(rules):
    case = noticed()
    second = PartyFactory()
    CaseParty.objects.create(case=case, party=second, role="co_owner")
    serve(case)
    last = NOTICE + dt.timedelta(days=20)
    serve(case, second, on=last, manner="posted")
    case.refresh_from_db()
    assert case.notice_served_on == last


def test_a_second_delivery_to_the_same_person_changes_nothing(rules):
    case = noticed()
    serve(case)
    assert serve(case, on=NOTICE + dt.timedelta(days=30)) == 0
    assert Service.objects.get().on == NOTICE


def test_a_delivery_taken_back_counts_no_more(rules):
    case = noticed()
    serve(case, on=NOTICE + dt.timedelta(days=12))
    with pytest.raises(MoveRefused, match="lý do"):
        service.void(Service.objects.get(), reason=" ")
    service.void(Service.objects.get(), reason="ghi nhầm hộ")
    case.refresh_from_db()
    assert case.notice_served_on is None
    assert earliest_approval(case) == NOTICE + dt.timedelta(days=90)
    assert Service.objects.count() == 1, "it stays, marked"


def test_a_delivery_before_the_signature_is_refused(rules):
    with pytest.raises(MoveRefused, match="trước ngày ký"):
        serve(noticed(), on=NOTICE - dt.timedelta(days=1))


@pytest.mark.parametrize("manner", ["refused", "absent"])
def test_refused_or_absent_needs_a_record(rules, manner):
    case = noticed()
    with pytest.raises(MoveRefused, match="biên bản"):
        serve(case, manner=manner)
    assert serve(case, manner=manner, evidence="12/BB-UBND") == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Service.objects.create(
            document=DocumentFactory(), party=PartyFactory(), on=NOTICE, manner=manner
        )


def test_one_notice_to_many_households_starts_the_clock_of_each(rules):
    cases = [noticed() for _ in range(2)]
    shared = DocumentFactory(signed_on=NOTICE)
    other = CaseFactory()
    other.advance("notice", on=NOTICE, by=None, document=shared)
    third = CaseFactory(project=other.project)
    third.advance("notice", on=NOTICE, by=None, document=shared)
    parties = [other.parties.get(), third.parties.get()]
    day = NOTICE + dt.timedelta(days=5)
    assert service.serve(shared, parties, on=day, manner="posted", by=None) == 2
    served = Case.objects.filter(notice_served_on=day)
    assert set(served) == {other, third}
    assert cases[0].notice_served_on is None


def test_payment_is_due_from_the_effective_day_once_it_is_corrected(rules):
    case = noticed()
    on = NOTICE + dt.timedelta(days=100)
    decision = DocumentFactory(signed_on=on)
    case.advance("approval", on=on, by=None, document=decision)
    case.refresh_from_db()
    before = case.due_on
    decision.effective_on = on + dt.timedelta(days=10)
    assert service.redate(decision) == 1
    case.refresh_from_db()
    assert (case.due_on - before).days in range(8, 13)  # a day off may move either end
