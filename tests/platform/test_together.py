"""Many questions in one statement answer as they would one by one."""

from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext

from gpmb.clearance.models import Case, CaseEvent, Taking
from gpmb.together import together
from tests.factories import CaseFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_one_statement_gives_what_each_question_gives_alone():
    case = CaseFactory(at="inventory", takings=2, at__by=UserFactory(display_name="Cán bộ Ắ"))
    questions = {
        "takings": Taking.objects.filter(case=case).select_related("parcel__unit").order_by("pk"),
        "events": CaseEvent.objects.select_related("document", "by", "voids").order_by("-on"),
        "cases": Case.objects.annotate(land=Count("takings")),
    }
    with CaptureQueriesContext(
        connection,
    ) as caught:
        found = together(**questions)
    assert len(caught) == 1
    for name, rows in questions.items():
        assert [vars_of(row) for row in found[name]] == [vars_of(row) for row in rows]
    taking = found["takings"][0]
    assert taking.boundary.equals_exact(Taking.objects.get(pk=taking.pk).boundary)
    assert taking.recovered_area_m2 == Decimal("500.00")
    assert found["cases"][0].land == 2
    with CaptureQueriesContext(connection) as caught:
        assert taking.parcel.unit.name
        assert str(found["events"][0].by) == "Cán bộ Ắ"
        assert found["events"][0].voids is None
    assert len(caught) == 0


def vars_of(row):
    return {field.attname: str(getattr(row, field.attname)) for field in row._meta.concrete_fields}


def test_an_empty_question_costs_nothing():
    with CaptureQueriesContext(connection) as caught:
        assert together(none=Case.objects.none()) == {"none": []}
    assert len(caught) == 0


def test_questions_that_need_more_than_one_statement_are_refused():
    with pytest.raises(TypeError, match="prefetch_related"):
        together(cases=Case.objects.prefetch_related("takings"))
    with pytest.raises(TypeError, match="prefetch_related"):
        together(codes=Case.objects.values("code"))
