"""A document found by its number and day, whatever else shares them."""

import pytest

from gpmb.land.models import Document
from tests.factories import FIRST_DAY, TODAY, DocumentFactory

pytestmark = pytest.mark.django_db
Kind = Document.Kind


def test_a_document_is_recorded_once():
    first = Document.objects.numbered("12", FIRST_DAY, Kind.MINUTES)
    assert Document.objects.numbered("12", FIRST_DAY, Kind.MINUTES) == first
    assert Document.objects.numbered("12", TODAY, Kind.MINUTES) != first


def test_of_two_kinds_with_one_number_and_day_the_kind_asked_for_is_found():
    minutes = DocumentFactory(number="12", signed_on=FIRST_DAY, kind=Kind.MINUTES)
    decision = DocumentFactory(number="12", signed_on=FIRST_DAY, kind=Kind.DECISION)
    assert Document.objects.numbered("12", FIRST_DAY, Kind.DECISION) == decision
    assert Document.objects.numbered("12", FIRST_DAY, Kind.LETTER) == minutes
