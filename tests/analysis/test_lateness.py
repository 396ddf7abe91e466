"""What was due on a past day: by what stood on that day, derived again whenever it changes."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gpmb.analysis import lateness
from gpmb.analysis.progress_models import DueSpan
from gpmb.clearance.models import Case
from gpmb.reference.loading import load
from tests.factories import CaseFactory

pytestmark = pytest.mark.django_db
CONSULTED = dt.date(2025, 4, 2)
FILED = dt.date(2025, 4, 10)
ASKED = dt.date(2025, 4, 14)


def consulted() -> Case:
    """A case of the 2024 law whose file is complete since 10/04/2025: appraised by 12/05/2025."""
    case = CaseFactory()
    for step, on in (
        ("notice", dt.date(2025, 2, 10)),
        ("inventory", dt.date(2025, 2, 20)),
        ("posting", dt.date(2025, 3, 3)),
        ("consultation", CONSULTED),
    ):
        case.advance(step, on=on, by=None)
    case.note_act("appraisal_file", on=FILED, by=None)
    return case


@pytest.fixture
def case(today) -> Case:
    load()
    return consulted()


def due(case: Case, on: dt.date) -> dt.date | None:
    lateness.refresh([case.project_id])
    spans = DueSpan.objects.filter(case=case, since__lte=on).order_by("-since")
    span = spans.first()
    return span.due_on if span and (span.until is None or span.until > on) else None


def test_before_the_file_was_complete_nothing_was_due(case):
    assert due(case, CONSULTED) is None
    assert due(case, FILED) == dt.date(2025, 5, 12)


def test_a_clock_stopped_later_still_ran_on_the_days_before(case):
    case.note_act("supplement_asked", on=ASKED, by=None, note="thiếu trích đo")
    assert case.due_on is None
    assert due(case, ASKED - dt.timedelta(1)) == dt.date(2025, 5, 12)
    assert due(case, ASKED) is None


def test_an_act_that_leaves_today_as_it_is_still_changes_the_days_it_stood_for(case):
    case.note_act("supplement_asked", on=ASKED, by=None, note="thiếu trích đo")
    case.note_act("supplement_done", on=ASKED, by=None)
    before = case.due_on, due(case, ASKED)
    earlier = case.acts.get(kind="appraisal_file")
    case.note_act("appraisal_file", on=FILED - dt.timedelta(3), by=None)
    assert (case.due_on, due(case, ASKED)) == before, "the later file is the one that counts"
    assert due(case, FILED - dt.timedelta(1)) is not None
    case.take_back_act(earlier, on=ASKED, reason="ghi trùng")
    assert due(case, FILED) == dt.date(2025, 5, 7)


def test_the_law_is_asked_of_many_cases_with_as_few_queries_as_of_one(case):
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            lateness.refresh([at.project_id for at in Case.objects.all()])
        return len(queries)

    one = asked()
    for _ in range(3):
        consulted()
    assert asked() == one
