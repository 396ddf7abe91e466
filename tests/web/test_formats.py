"""Numbers and dates the Vietnamese way, in and out."""

import datetime as dt
from decimal import Decimal

import pytest
from django import forms
from django.template import Context, Template
from django.utils import translation

from gpmb.vn import grouped
from gpmb.web.templatetags import vn


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (0, 0, "0"),
        (1234567.84, 1, "1.234.567,8"),
        (Decimal("1234567.85"), 1, "1.234.567,9"),
        (-1234.5, 1, "-1.234,5"),
        (Decimal("-0.04"), 1, "0,0"),
        (2.5, 0, "3"),
    ],
)
def test_numbers_are_grouped_by_dots_and_rounded_half_up(value, places, text):
    assert grouped(value, places) == text


def test_every_measure_has_its_unit_and_places():
    assert vn.m2(Decimal("1284.62")) == "1.284,6"
    assert vn.ha(4_126_000) == "412,6"
    assert vn.vnd(Decimal("2031116000")) == "2.031.116.000"
    assert vn.trieu(2_031_116_000) == "2.031,1"
    assert vn.ty(684_200_000_000) == "684,2"
    assert vn.pct(0.541) == "54%"
    assert vn.pct(0.541, 1) == "54,1%"
    assert vn.share(1, 4) == Decimal("0.25")


@pytest.mark.parametrize(
    "written", [vn.m2, vn.ha, vn.vnd, vn.trieu, vn.ty, vn.pct, vn.num, vn.day]
)
def test_a_missing_value_is_said_and_never_shown_as_zero(written):
    assert written(None) == "chưa có dữ liệu"


def test_a_share_of_nothing_is_no_data():
    assert vn.pct(vn.share(0, 0)) == "chưa có dữ liệu"


def test_a_moment_is_written_in_the_zone_of_the_city():
    late = dt.datetime(2023, 6, 30, 17, 30, tzinfo=dt.UTC)
    assert vn.day(late) == "01/07/2023"
    assert vn.moment(late) == "00:30 01/07/2023"


def test_the_filters_are_built_into_every_template():
    page = Template("{{ area|ha }} · {{ on|day }} · {{ n|num }}")
    context = Context({"area": 4_126_000, "on": dt.date(2023, 1, 31), "n": 3512})
    assert page.render(context) == "412,6 · 31/01/2023 · 3.512"


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("9222,1", Decimal("9222.1")),
        ("20.000", Decimal(20000)),
        ("1.234.567,8", Decimal("1234567.8")),
    ],
)
def test_numbers_typed_the_vietnamese_way_are_read(typed, value):
    with translation.override("vi"):
        assert forms.DecimalField(localize=True).clean(typed) == value


@pytest.mark.parametrize("typed", ["31/01/2023", "31-1-2023", "31.01.2023", "2023-01-31"])
def test_dates_typed_the_vietnamese_way_are_read(typed):
    with translation.override("vi"):
        assert forms.DateField().clean(typed) == dt.date(2023, 1, 31)


def test_month_before_day_is_not_guessed():
    with translation.override("vi"), pytest.raises(forms.ValidationError):
        forms.DateField().clean("01/31/2023")
